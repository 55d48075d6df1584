/** No password, secret, token, code or cookie gets into the log, however much is logged; secrets come from files. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { ConfigError, loadConfig } from '../../src/platform/config.ts';
import { decide } from '../support/app-flow.ts';
import { TestBrowser } from '../support/browser.ts';
import { PASSWORD, REDIRECT, startTestServer, type TestServer } from '../support/server.ts';
import { childEnvironment } from '../support/child-environment.ts';

const COOKIE_SECRET = 'a cookie secret that must not be seen';
const WRONG_PASSWORD = 'a wrong password that somebody typed';
const WRONG_SECRET = 'a wrong client secret';

let folder: string;
let server: TestServer;
let api: ChildProcess;
let baseUrl: string;
let log = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-secrets-'));
  server = await startTestServer();
  const port = await pickPort();
  baseUrl = `http://localhost:${port}`;
  writeFileSync(join(folder, 'cookie-secret'), `${COOKIE_SECRET}\n`);
  writeFileSync(join(folder, 'database-url'), server.databaseUrl);
  api = spawn(pinnedNode(), [join(root, 'fhir-server/src/api.ts')], {
    env: {
      ...childEnvironment,
      DATABASE_URL_FILE: join(folder, 'database-url'),
      COOKIE_SECRET_FILE: join(folder, 'cookie-secret'),
      DATA_DIR: folder,
      PORT: String(port),
      LOG_LEVEL: 'trace',
    },
  });
  for (const stream of [api.stdout, api.stderr]) stream?.on('data', (piece) => (log += String(piece)));
  for (let tries = 0; tries < 200 && !log.includes('api listens'); tries += 1) await sleep(100);
}, 60_000);

afterAll(async () => {
  api.kill('SIGTERM');
  if (api.exitCode === null) await once(api, 'exit');
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

type Answer = Readonly<Record<string, string>>;

async function post(path: string, form: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(form);
  const response = await fetch(`${baseUrl}/oauth2/${path}`, { method: 'POST', headers, body });
  return (await response.json().catch(() => ({}))) as Answer;
} // prettier-ignore

/** A log-in with everything that is secret in it. */
async function drive(): Promise<readonly (string | undefined)[]> {
  const verifier = randomBytes(32).toString('base64url');
  const browser = new TestBrowser(baseUrl);
  const state = 'state-that-is-nobodys-business';
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: REDIRECT,
    scope: 'openid fhirUser offline_access user/Patient.rs',
    state,
    aud: `${baseUrl}/fhir/R4`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let at = await browser.go(`/oauth2/authorize?${query.toString()}`);
  at = await browser.go(at.url.href, { step: 'login', username: 'doctor', password: WRONG_PASSWORD });
  at = await browser.go(at.url.href, { step: 'login', username: 'doctor', password: PASSWORD });
  at = await decide(browser, at);
  const code = at.url.searchParams.get('code') ?? '';
  const exchange = { grant_type: 'authorization_code', client_id: 'app', code, redirect_uri: REDIRECT, code_verifier: verifier }; // prettier-ignore
  const first = await post('token', exchange);
  const second = await post('token', { grant_type: 'refresh_token', client_id: 'app', refresh_token: first['refresh_token'] ?? '' }); // prettier-ignore
  const basic = (secret: string) => ({ Authorization: `Basic ${btoa(`backend:${secret}`)}` });
  const own = await post('token', { grant_type: 'client_credentials', scope: 'system/*.rs' }, basic('backend-secret-of-the-tests')); // prettier-ignore
  await post('token', { grant_type: 'client_credentials' }, basic(WRONG_SECRET));
  await post('introspect', { token: second['access_token'] ?? '' }, basic('backend-secret-of-the-tests'));
  for (const token of [second['access_token'], own['access_token'], 'token-of-nobody'])
    for (const path of ['Patient?name=Somebody', 'Patient/none', 'Nothing/1', '_history', 'Observation?code:nonsense=x'])
      await fetch(`${baseUrl}/fhir/R4/${path}`, { headers: { Authorization: `Bearer ${token ?? ''}` } });
  await post('revoke', { token: second['refresh_token'] ?? '', client_id: 'app' });
  await post('token', exchange);
  // A fault of ours is logged with all that is known of it.
  await fetch(`${baseUrl}/oauth2/interaction/x`, { method: 'POST', body: `password=${encodeURIComponent(PASSWORD)}%E0%A4%A` }); // prettier-ignore
  return [
    ...[code, first['access_token'], first['refresh_token'], first['id_token']],
    ...[second['access_token'], second['refresh_token'], own['access_token'], verifier],
  ];
} // prettier-ignore

test('The log has requests, and nothing secret (attack 40).', async () => {
  const secrets = await drive();
  expect(secrets.filter((secret) => (secret ?? '').length < 20)).toEqual([]);
  const others = [PASSWORD, WRONG_PASSWORD, WRONG_SECRET, COOKIE_SECRET, 'backend-secret-of-the-tests', 'token-of-nobody', 'state-that-is-nobodys-business', 'Somebody', new URL(server.databaseUrl).password].filter((text) => text !== ''); // prettier-ignore
  await sleep(200);
  expect(log.split('\n').length).toBeGreaterThan(15);
  const seen = [...secrets, ...others].filter((secret) => log.includes(secret ?? ''));
  expect(seen).toEqual([]);
  expect(log).not.toMatch(/bearer |basic |set-cookie|"cookie"/i);
}, 60_000);

test('A secret has one source, and a file that cannot be read stops the start without its content.', () => {
  const file = join(folder, 'cookie-secret');
  const env = { DATABASE_URL: 'postgres://x', COOKIE_SECRET_FILE: file };
  expect(loadConfig(env).secret).toBe(COOKIE_SECRET);
  const faults = (more: Record<string, string>): string => {
    try {
      loadConfig({ ...env, ...more });
      return 'none';
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message;
    }
  };
  expect(faults({ COOKIE_SECRET })).toBe('COOKIE_SECRET and COOKIE_SECRET_FILE are both set');
  expect(faults({ COOKIE_SECRET_FILE: '/nowhere' })).toContain('COOKIE_SECRET_FILE cannot be read');
});
