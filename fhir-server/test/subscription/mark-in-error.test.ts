/** A Subscription in error says so in the resource, and stays its author's. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Subscription } from '@medplum/fhirtypes';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { compartmentParameters, searchParameters } from '../../src/fhir/definitions/index.ts';
import { NO_PROFILES } from '../../src/interaction/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { SearchParameterRegistry } from '../../src/search/index.ts';
import { createBinaryFolder, createEventSignal, createResourceTables } from '../../src/storage/index.ts';
import { createMarkInError } from '../../src/subscription/index.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let api: TestServer;
let pool: Pool;
let markInError: ReturnType<typeof createMarkInError>;

beforeAll(async () => {
  api = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  const config = loadConfig({
    DATABASE_URL: api.databaseUrl,
    COOKIE_SECRET: 'x'.repeat(32),
    BASE_URL: api.baseUrl,
  });
  pool = createPool(config);
  const registry = new SearchParameterRegistry(searchParameters(), (type) =>
    compartmentParameters('Patient', type),
  );
  markInError = createMarkInError({
    config,
    pool,
    registry,
    tables: createResourceTables(pool, registry),
    binaries: createBinaryFolder(config.dataDir),
    signalEvents: createEventSignal(pool),
    reader: pool,
    operations: new Map(),
    profiles: NO_PROFILES,
    audit: NO_AUDIT,
    writeRules: {},
  });
}, 30_000);

afterAll(async () => {
  await pool.end();
  await api.close();
});

test('Its status is error with the reason; writing it again accepts it anew.', async () => {
  const body = {
    resourceType: 'Subscription',
    id: 's',
    status: 'requested',
    reason: 'test',
    criteria: 'Patient?active=true',
    channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:9/hook', payload: 'application/fhir+json' },
  };
  const put = await api.fhir('PUT', 'Subscription/s', { body });
  expect(await put.json()).toMatchObject({ status: 'active' });
  await markInError('s', 'the endpoint did not answer');
  const marked = (await (await api.fhir('GET', 'Subscription/s')).json()) as Subscription;
  expect(marked).toMatchObject({
    status: 'error',
    error: 'the endpoint did not answer',
    meta: { versionId: '2' },
  });
  const owner = await pool.query("select client_id from subscription_owner where subscription_id = 's'");
  expect(owner.rows).toEqual([{ client_id: 'backend' }]);
  const again = await api.fhir('PUT', 'Subscription/s', { body: { ...marked, status: 'requested' } });
  const accepted = (await again.json()) as Subscription;
  expect([accepted.status, accepted.error]).toEqual(['active', undefined]);
  await markInError('unknown', 'nobody minds');
});
