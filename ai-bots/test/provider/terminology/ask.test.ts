/** The terminology service is asked as a SMART Backend Services client, and its faults are told apart. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Parameters } from '@medplum/fhirtypes';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import pg from 'pg';
import { startTestServer, type TestServer } from '../../../../fhir-server/test/support/server.ts';
import { provisionAccounts } from '../../../../fhir-server/src/auth/index.ts';
import { createProviders, loadProviderSettings } from '../../../provider/index.ts';
import { createAsk } from '../../../provider/terminology/ask.ts';
import type { ClinicalEntity } from '../../../clinical/index.ts';

const { signal } = new AbortController();
const parameters: Parameters = { resourceType: 'Parameters' };
let server: TestServer;
let fake: Server;
let answer: { status: number; headers?: Record<string, string>; body?: string };
let folder: string;
let privateKey: JWK;

beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'terminology-'));
  const pair = await generateKeyPair('ES384', { extractable: true });
  privateKey = { ...(await exportJWK(pair.privateKey)), kid: 'k1', alg: 'ES384' };
  const { d: _private, ...publicKey } = privateKey;
  const pool = new pg.Pool({ connectionString: server.databaseUrl, max: 1 });
  await provisionAccounts(pool, {
    users: [],
    clients: [
      {
        clientId: 'coder',
        name: 'Coder',
        jwks: { keys: [{ ...publicKey, use: 'sig' }] },
        scope: 'system/ValueSet.rs system/CodeSystem.rs',
      },
    ],
  });
  await pool.end();
  fake = createServer((_request, response) => {
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '{}');
  });
  await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
}, 60_000);

afterAll(async () => {
  fake.close();
  fake.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

test('By its settings it codes over our server, with the rights of a client of its own.', async () => {
  const body = {
    resourceType: 'CodeSystem',
    id: 'rxnorm',
    url: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    status: 'active',
    content: 'complete',
    concept: [{ code: '9000001', display: 'exampline' }],
  };
  expect((await server.fhir('PUT', 'CodeSystem/rxnorm', { body })).status).toBeLessThan(300);
  const keyFile = join(folder, 'key.json');
  writeFileSync(keyFile, JSON.stringify(privateKey));
  const faults: string[] = [];
  const settings = loadProviderSettings(
    {
      AI_TERMINOLOGY_URL: server.fhirBase,
      AI_TERMINOLOGY_CLIENT_ID: 'coder',
      AI_TERMINOLOGY_PRIVATE_KEY_FILE: keyFile,
    },
    faults,
  );
  expect(faults).toEqual([]);
  const provider = createProviders(settings, () => undefined).code.get('terminology');
  const entity: ClinicalEntity = {
    text: 'Exampline',
    category: 'MEDICATION',
    type: 'GENERIC_NAME',
    traits: [],
    attributes: [],
    concepts: [],
    source: ['c1'],
    saidByClinician: false,
  };
  const answered = await provider?.run({ entities: [entity] }, signal);
  expect(answered?.output[0]?.concepts).toMatchObject([{ code: '9000001' }]);
});

test.each([
  [429, { 'retry-after': '7' }, { kind: 'throttled', retryAfterMs: 7_000 }],
  [403, {}, { kind: 'misconfigured' }],
  [400, {}, { kind: 'rejected' }],
  [503, {}, { kind: 'unavailable' }],
])('An answer of %d is told as what it is.', async (status, headers, fault) => {
  answer = { status, headers };
  const url = `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;
  await expect(createAsk({ url })(parameters, signal)).rejects.toMatchObject(fault);
});

test('What is no JSON is unusable, a code system that is not there is none, and a dead server is unavailable.', async () => {
  const { port } = fake.address() as AddressInfo;
  const ask = createAsk({ url: `http://127.0.0.1:${port}` });
  answer = { status: 200, body: '<html>' };
  await expect(ask(parameters, signal)).rejects.toMatchObject({ kind: 'unusable' });
  answer = { status: 404 };
  await expect(ask(parameters, signal)).resolves.toBeUndefined();
  await expect(createAsk({ url: 'http://127.0.0.1:1' })(parameters, signal)).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

test('A client without a key is refused at the start.', () => {
  const faults: string[] = [];
  loadProviderSettings(
    { AI_TERMINOLOGY_URL: 'https://tx.example', AI_TERMINOLOGY_CLIENT_ID: 'coder' },
    faults,
  );
  expect(faults).toEqual(['AI_TERMINOLOGY_CLIENT_ID and AI_TERMINOLOGY_PRIVATE_KEY_FILE go together']);
});
