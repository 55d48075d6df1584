/** What was there at a moment, and whose a deleted resource was: the same in the form that Citus takes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import {
  checkMigrated,
  createPool,
  isDistributed,
  type Pool,
  withTransaction,
} from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { ALL, extractIndex } from '../../../src/search/index.ts';
import {
  type AsOfQuery,
  createResourceTables,
  findPatients,
  type NewVersion,
  readAsOf,
  writeVersions,
} from '../../../src/storage/index.ts';
import { createDatabase, distributeDatabases, type TestDatabase } from '../../support/database.ts';
import { constructsOf } from './constructs.ts';
import { KNOWN } from './known.ts';
import { statementsDuring } from './record-statements.ts';
import { parse } from './tree.ts';

const registry = createRegistry();
const context = { registry, baseUrl: 'http://localhost/fhir' };
const TYPE = 'Appointment';

let database: TestDatabase;
/** On the same database: one asked whether it is distributed, the other did not. */
let [distributed, plain]: Pool[] = [];

function version(id: string, versionId: number, lastUpdated: number, isDeletion: boolean): NewVersion {
  const resource = {
    resourceType: TYPE,
    id,
    status: 'proposed',
    participant: [{ actor: { reference: `Patient/p${versionId}` }, status: 'accepted' }],
  } as Resource;
  const nothing = { resourceType: 'Basic', code: {} } as Resource;
  return {
    interaction: isDeletion ? 'delete' : versionId === 1 ? 'create' : 'update',
    resourceType: TYPE,
    id,
    versionId,
    lastUpdated,
    content: isDeletion ? '' : JSON.stringify(resource),
    index: extractIndex(isDeletion ? nothing : resource, context),
    replaces: versionId > 1,
  };
}

/** Moments of the versions of each resource; a negative one is of a deletion. */
const HISTORIES: Readonly<Record<string, readonly number[]>> = {
  a: [10],
  b: [10, 30],
  c: [10, 20, 30, 40],
  d: [10, -20],
  e: [10, -30],
  f: [10, -20, 30],
  g: [30],
  h: [20, -20, 20, 50],
  i: [10, 20, -60],
};

beforeAll(async () => {
  distributeDatabases();
  database = await createDatabase();
  const settings = { databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 20_000 };
  distributed = createPool(settings);
  plain = createPool(settings);
  await checkMigrated(distributed);
  expect([isDistributed(distributed), isDistributed(plain)]).toEqual([true, false]);
  await createResourceTables(distributed, registry).ensure([TYPE]);
  for (const [id, moments] of Object.entries(HISTORIES))
    for (const [i, moment] of moments.entries())
      await withTransaction(i % 2 === 0 ? distributed : plain, (client) =>
        writeVersions(client, registry, [version(id, i + 1, Math.abs(moment), moment < 0)], {
          isSilent: true,
        }),
      );
}, 30_000);
afterAll(async () => {
  await distributed?.end();
  await plain?.end();
  await database.drop();
});

test('Pages of what was there are the same at each moment, and have nothing that Citus refuses.', async () => {
  let found = 0;
  const costs = new Set(KNOWN.map(({ statement, construct }) => `${statement}: ${construct}`));
  const compare = async (query: AsOfQuery): Promise<void> => {
    const page = await readAsOf(plain!, query);
    expect(await readAsOf(distributed!, query)).toEqual(page);
    found += page.versions.filter(({ isSuperseded }) => isSuperseded).length;
  };
  const query = { registry, resourceType: TYPE, filter: ALL, bytesMax: 1e6, limit: 3 };
  for (const moment of [5, 10, 15, 20, 25, 30, 45, 70])
    for (const since of [undefined, 12, 20])
      for (const deletions of [false, true])
        for (const after of ['', 'b', 'f']) await compare({ ...query, moment, since, deletions, after });
  expect(found).toBeGreaterThan(40);
  const sent = await statementsDuring(async () => {
    await readAsOf(distributed!, { ...query, moment: 20, after: '' });
  });
  for (const sql of sent)
    for (const statement of await parse(sql))
      for (const construct of constructsOf(statement))
        expect(costs).toContain(`${Object.keys(statement)[0]}: ${construct}`);
});

test('A deleted resource is of those whom its last content names.', async () => {
  const ids = new Map([[TYPE, [...Object.keys(HISTORIES), 'nobody']]]);
  const found = await findPatients(distributed!, context, ids);
  expect([...found].map(([name, patients]) => `${name.split('/')[1]} ${patients.join(' ')}`).sort()).toEqual([
    'a p1', 'b p2', 'c p4', 'd p1', 'e p1', 'f p3', 'g p1', 'h p4', 'i p2',
  ]); // prettier-ignore
});
