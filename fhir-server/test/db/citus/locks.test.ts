/** Rows that are about to change are locked in one order and are known as they are once they are held, in one statement or in many. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import {
  checkMigrated,
  createPool,
  isDistributed,
  type Pool,
  type PoolClient,
} from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { ALL, type Expression, extractIndex } from '../../../src/search/index.ts';
import {
  createResourceTables,
  lockContents,
  lockVersions,
  type NewVersion,
  rewriteIndex,
  writeVersions,
} from '../../../src/storage/index.ts';
import { askFor, CITUS_NAMES } from '../../support/citus-names.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

const registry = createRegistry();
const TYPE = 'Observation';
const IDS = ['a', 'b', 'c', 'd'];
/** What belongs to this Patient. */
const HIS: Expression = { kind: 'ofPatient', of: { kind: 'id', ids: ['p'] } };

let database: TestDatabase;
let pool: Pool;
let clients: PoolClient[];

function version(id: string, versionId: number, patient: string): NewVersion {
  const resource = {
    resourceType: TYPE,
    id,
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${patient}` },
  } as Resource;
  const index = extractIndex(resource, { registry, baseUrl: 'http://localhost/fhir' });
  return {
    interaction: versionId === 1 ? 'create' : 'update',
    resourceType: TYPE,
    id,
    versionId,
    lastUpdated: versionId,
    content: JSON.stringify(resource),
    index,
    replaces: versionId > 1,
  };
}

async function begin(): Promise<PoolClient> {
  const client = await pool.connect();
  clients.push(client);
  await client.query('begin');
  return client;
}

/** Ids that nobody holds. */
async function free(): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from fhir."${TYPE}" order by id for update skip locked`,
  );
  return rows.map(({ id }) => id);
}

const isWaiting = async (): Promise<void> => {
  for (;;) {
    const { rows } = await pool.query(`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`); // prettier-ignore
    if (rows.length > 0) return;
    await sleep(20);
  }
};

describe.each([
  ['together', false],
  ['each by itself', true],
])('Locked %s', (_how, distributed) => {
  beforeAll(async () => {
    database = await createDatabase();
    const settings = { databaseUrl: database.url, databasePoolSize: 6, statementTimeoutMs: 20_000 };
    pool = createPool(settings);
    if (distributed) {
      await pool.query(`${CITUS_NAMES}; ${askFor(new URL(database.url).pathname.slice(1), 'id')}`);
      await pool.end();
      pool = createPool(settings);
    }
    await checkMigrated(pool);
    expect(isDistributed(pool)).toBe(distributed);
    await createResourceTables(pool, registry).ensure([TYPE, 'Patient']);
  }, 20_000);
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  beforeEach(async () => {
    clients = [];
    await pool.query(
      ['Patient', TYPE].map((type) => `truncate fhir."${type}", fhir."${type}_history"`).join(';'),
    );
    const client = await begin();
    const patient = { resourceType: 'Patient', id: 'p' } as Resource;
    const index = extractIndex(patient, { registry, baseUrl: 'http://localhost/fhir' });
    const his = { ...version('p', 1, 'p'), resourceType: 'Patient', index, content: JSON.stringify(patient) };
    await writeVersions(client, registry, [his, ...IDS.map((id) => version(id, 1, 'p'))]);
    await client.query('commit');
  });
  afterEach(async () => {
    for (const client of clients) {
      await client.query('rollback').catch(() => undefined);
      client.release();
    }
  });

  const lock = (client: PoolClient, ids: readonly string[], options = {}) =>
    lockVersions(client, registry, TYPE, ids, HIS, options);

  test('in the order of their ids, whatever was asked for first.', async () => {
    const [first, second] = [await begin(), await begin()];
    await lock(first, ['b']);
    const waiting = lock(second, ['d', 'c', 'b', 'a']);
    await isWaiting();
    // What comes behind the one that is waited for is not held yet: who holds it may wait for that one.
    expect(await free()).toEqual(['c', 'd']);
    await first.query('commit');
    expect([...(await waiting).keys()].sort()).toEqual(IDS);
    expect(await free()).toEqual([]);
  });

  test('they are what the one before has made of them, and permitted by that.', async () => {
    const [first, second] = [await begin(), await begin()];
    await lock(first, ['b', 'c']);
    const waiting = lock(second, IDS, { withContent: true });
    await isWaiting();
    await writeVersions(first, registry, [version('b', 2, 'other'), version('c', 2, 'p')]);
    await first.query('commit');
    const known = [...(await waiting).values()].map(
      ({ id, versionId, permitted, content }) =>
        `${id}${versionId} ${permitted} ${content?.includes('other')}`,
    );
    expect(known.sort()).toEqual(['a1 true false', 'b2 false true', 'c2 true false', 'd1 true false']);
  });

  test('without those that others hold, and without unknown ones.', async () => {
    const [first, second] = [await begin(), await begin()];
    await lock(first, ['b', 'b']);
    const locked = await lock(second, ['nobody', 'd', 'b', 'a'], { isPatient: false });
    expect([...locked.keys()].sort()).toEqual(['a', 'd']);
    expect((await lockVersions(second, registry, TYPE, ['nobody'], ALL)).size).toBe(0);
  });

  test('for a new index, page by page.', async () => {
    const client = await begin();
    const first = await lockContents(client, TYPE, { after: '', since: undefined, limit: 3 });
    expect([first.contents.map(({ id }) => id), first.next]).toEqual([['a', 'b', 'c'], 'c']);
    expect(await free()).toEqual(['d']);
    const index = version('b', 1, 'moved').index;
    await rewriteIndex(client, registry, TYPE, [{ id: 'b', index }]);
    const last = await lockContents(client, TYPE, { after: 'c', since: undefined, limit: 3 });
    expect([last.contents.map(({ id }) => id), last.next]).toEqual([['d'], undefined]);
    await client.query('commit');
    const { rows } = await pool.query(`select id, patient, version_id from fhir."${TYPE}" where patient <> 'p'`); // prettier-ignore
    expect(rows).toEqual([{ id: 'b', patient: 'moved', version_id: 1 }]);
  });
});
