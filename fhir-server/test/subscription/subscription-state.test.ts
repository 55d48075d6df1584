/** A Subscription in error says so in the resource, and stays its author's. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Subscription } from '@medplum/fhirtypes';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { compartmentParameters, searchParameters } from '../../src/fhir/definitions/index.ts';
import { NO_PROFILES } from '../../src/interaction/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { SearchParameterRegistry } from '../../src/search/index.ts';
import { createEventSignal, createResourceTables, openBinaries } from '../../src/storage/index.ts';
import { createMarkInError } from '../../src/subscription/index.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
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
    binaries: openBinaries(config, undefined),
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

describe('The operator', () => {
  const finished = (id: string, state: string): Promise<unknown> =>
    pool.query(
      `insert into subscription_delivery (subscription_id, resource_type, resource_id, version_id, state, attempt, last_error, created_at, finished_at)
       values ('s', 'Patient', $1, 1, $2, 15, 'the endpoint answered 500', now() - interval '1 hour', now())`,
      [id, state],
    );
  const states = async (): Promise<string> => {
    const { rows } = await pool.query<{ name: string }>(
      `select resource_id || ' ' || state || ' ' || attempt as name from subscription_delivery order by 1`,
    );
    return rows.map(({ name }) => name).join(', ');
  };
  let run: CommandLine['run'];

  beforeEach(async () => {
    ({ run } = commandLine({ DATABASE_URL: api.databaseUrl, DATA_DIR: api.dataDir, BASE_URL: api.baseUrl }));
    await pool.query('truncate subscription_delivery');
    await finished('given-up', 'failed');
    await finished('done', 'delivered');
    await markInError('s', 'the endpoint did not answer');
  });

  test('sees what was given up and why, and has it sent again: the Subscription is active again.', async () => {
    expect(await run(['subscription', 'list'])).toEqual({
      code: 0,
      told: 'Subscription/s: 0 wait; 1 given up; last: the endpoint answered 500\n',
    });
    const ran = await run(['subscription', 'replay', 's']);
    expect(ran).toEqual({ code: 0, told: 'To be sent again for Subscription/s: 1\n' });
    expect(await states()).toBe('done delivered 15, given-up pending 0');
    const active = (await (await api.fhir('GET', 'Subscription/s')).json()) as Subscription;
    expect([active.status, active.error]).toEqual(['active', undefined]);
    const owner = await pool.query("select client_id from subscription_owner where subscription_id = 's'");
    expect(owner.rows).toEqual([{ client_id: 'backend' }]);
    expect((await run(['subscription', 'list'])).told).toContain('1 wait');
  }, 60_000);

  test('has everything since some moment sent again.', async () => {
    const since = new Date(Date.now() - 7_200_000).toISOString();
    expect((await run(['subscription', 'replay', 's', '--since', since])).told).toContain(
      'again for Subscription/s: 2',
    );
    expect(await states()).toBe('done pending 0, given-up pending 0');
  }, 60_000);

  test.each([
    [['subscription', 'replay', 'unknown'], 1, 'There is no Subscription/unknown'],
    [['subscription', 'replay', 's', '--since', 'yesterday'], 1, '--since must be an instant'],
    [['subscription', 'replay'], 2, 'Usage'],
    [['subscription', 'replay', 's', '--until', 'x'], 2, 'Usage'],
    [['subscription', 'list', 'x'], 2, 'Usage'],
  ])(
    'is told what is wrong with %j.',
    async (args, code, text) => {
      const ran = await run(args);
      expect([ran.code, ran.told]).toEqual([code, expect.stringContaining(text)]);
      expect(await states()).toBe('done delivered 15, given-up failed 15');
    },
    60_000,
  );
});
