/** Mutual TLS: an endpoint that asks for a certificate gets that of the settings, over a real handshake. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createEgress } from '../../src/egress/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { program, testWith } from '../support/requirement.ts';

const OPENSSL = program('openssl');
const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-tls-'));
const at = (name: string): string => join(folder, name);
let endpoint: Server;
let url: string;
const seen: string[] = [];

const openssl = (...args: string[]): void => {
  execFileSync(OPENSSL.path!, args, { cwd: folder, stdio: 'ignore' });
};

function certify(name: string, subject: string, ...extensions: string[]): void {
  const common = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const issuer = name === 'ca' ? [] : ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  openssl('req', '-x509', ...common, ...issuer, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${subject}`, ...extensions); // prettier-ignore
}

beforeAll(async () => {
  if (OPENSSL.path === undefined) return;
  certify('ca', 'test authority');
  const leaf = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  certify('server', 'localhost', ...leaf, '-addext', 'subjectAltName=DNS:localhost');
  certify('client', 'dr-assistant', ...leaf);
  const read = (name: string): string => readFileSync(at(name), 'utf8');
  const options = { key: read('server.key'), cert: read('server.crt'), ca: read('ca.crt') };
  endpoint = createServer(
    { ...options, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      seen.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
      request.resume().on('end', () => response.end());
    },
  );
  await new Promise<void>((resolve) => endpoint.listen(0, 'localhost', resolve));
  url = `https://localhost:${(endpoint.address() as AddressInfo).port}/hook`;
});
afterAll(() => {
  endpoint?.closeAllConnections();
  endpoint?.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (env: Record<string, string>) =>
  loadConfig({
    DATABASE_URL: 'postgres://x',
    COOKIE_SECRET: 'a secret that is long enough for tests',
    ...env,
  }).subscription.tls;

async function notify(env: Record<string, string>): Promise<number> {
  const egress = createEgress({ allowPrivate: true, tls: settings(env), logger: createLogger('test', 'fatal') }); // prettier-ignore
  try {
    const init = {
      body: '{}',
      headers: {},
      signal: AbortSignal.timeout(10_000),
      timeoutMs: 5_000,
      bytesMax: 1_024,
    };
    return await egress.post(url, init);
  } finally {
    await egress.close();
  }
}

describe('An endpoint that asks for a certificate', () => {
  const test = testWith(OPENSSL);

  test('takes what comes with that of the settings.', async () => {
    const env = {
      SUBSCRIPTION_TLS_CERT_FILE: at('client.crt'),
      SUBSCRIPTION_TLS_KEY_FILE: at('client.key'),
      SUBSCRIPTION_TLS_CA_FILE: at('ca.crt'),
    };
    expect(await notify(env)).toBe(200);
    expect(seen).toEqual(['dr-assistant']);
  });

  test('takes nothing without, and is not trusted without its authority.', async () => {
    await expect(notify({ SUBSCRIPTION_TLS_CA_FILE: at('ca.crt') })).rejects.toThrow('could not be reached');
    await expect(notify({})).rejects.toThrow('could not be reached');
    expect(seen).toHaveLength(1);
  });

  test('needs both files.', () => {
    expect(() => settings({ SUBSCRIPTION_TLS_CERT_FILE: at('client.crt') })).toThrow('are set together');
    expect(() => settings({ SUBSCRIPTION_TLS_CA_FILE: at('nowhere') })).toThrow('cannot be read');
  });
});
