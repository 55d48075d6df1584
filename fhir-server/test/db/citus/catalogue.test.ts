/** The tables of every resource type, as PostgreSQL has them, can be distributed by id. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { resourceTypes } from '../../../src/fhir/definitions/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { createResourceTables } from '../../../src/storage/index.ts';
import { ofDistributed, tableDefinition } from '../../../src/storage/table-definition.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { below, isResourceTable, list, parse } from './tree.ts';

let database: TestDatabase;
let pool: Pool;
const registry = createRegistry();

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 60_000 });
  await createResourceTables(pool, registry).ensure(resourceTypes());
}, 180_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const names = async (sql: string): Promise<string[]> =>
  (await pool.query<{ name: string }>(sql)).rows.map(({ name }) => name);

/** Tables to be distributed, as `t`. */
const OURS = `(select c.* from pg_class c where c.relnamespace = 'fhir'::regnamespace and c.relkind in ('r', 'p') and c.relname ~ '^[A-Z]') t`;

test('Each resource type has three tables.', async () => {
  const tables = await names(`select t.relname as name from ${OURS}`);
  expect(resourceTypes().length).toBeGreaterThan(140);
  expect(tables).toHaveLength(3 * resourceTypes().length);
});

test('They are ordinary logged tables with an id of one type and collation, which is never null.', async () => {
  expect(
    await names(`select t.relname as name from ${OURS} left join pg_attribute a on a.attrelid = t.oid and a.attname = 'id'
      where t.relkind <> 'r' or t.relpersistence <> 'p' or t.relispartition or a.atttypid is distinct from 'text'::regtype
        or not a.attnotnull or a.attcollation is distinct from 'pg_catalog."C"'::regcollation
        or exists (select from pg_inherits i where t.oid in (i.inhrelid, i.inhparent))`),
  ).toEqual([]);
});

const unique = `select i.indexrelid::regclass::text as name from ${OURS} join pg_index i on i.indrelid = t.oid
  where i.indisunique and not exists (select from pg_attribute a
    where a.attrelid = t.oid and a.attname = 'id' and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1]))`;
const references = `select o.conname as name from pg_constraint o join ${OURS} on t.oid in (o.conrelid, o.confrelid) where o.contype = 'f'`;
const exclusions = `select o.conname as name from pg_constraint o join ${OURS} on t.oid = o.conrelid where o.contype = 'x'`;
const defaults = `select t.relname || '.' || a.attname as name from ${OURS} join pg_attribute a on a.attrelid = t.oid
  where a.attnum > 0 and (a.attidentity <> '' or a.attgenerated <> '' or exists (select from pg_attrdef d where d.adrelid = t.oid and d.adnum = a.attnum))`;
const triggers = `select g.tgname as name from pg_trigger g join ${OURS} on t.oid = g.tgrelid where not g.tgisinternal
  union all select r.rulename from pg_rewrite r join ${OURS} on t.oid = r.ev_class
  union all select t.relname from ${OURS} where t.relrowsecurity`;

test.each([
  ['unique index without id', unique, `create unique index bad on fhir."Basic" (last_updated)`],
  [
    'foreign key',
    references,
    `alter table fhir."Basic_string" add foreign key (id) references fhir."Patient"`,
  ],
  ['exclusion', exclusions, `alter table fhir."Basic" add exclude using btree (last_updated with =)`],
  ['default, identity or sequence', defaults, `alter table fhir."Basic" add column bad bigserial`],
  [
    'trigger, rule or policy',
    triggers,
    `create trigger bad after insert on fhir."Basic" for each row execute function auth.forget()`,
  ],
])('None has a %s; one with it would be found.', async (_what, sql, worse) => {
  expect(await names(sql)).toEqual([]);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(worse);
    expect((await client.query(sql)).rows).not.toEqual([]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

/** Of those that Citus takes: https://docs.citusdata.com/en/stable/develop/reference_ddl.html */
const ALTERATIONS = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_ColumnDefault',
]);

async function alterations(sql: string): Promise<string[]> {
  const statements = await parse(sql);
  return statements.flatMap((one) => [...below(one, 'AlterTableCmd')].map(({ subtype }) => String(subtype)));
}

test('What widens a distributed table has no alteration that Citus refuses.', async () => {
  for (const type of resourceTypes()) {
    const definition = tableDefinition(type, registry);
    expect(await alterations(definition)).toContain('AT_SetStorage');
    const refused = (await alterations(ofDistributed(type, definition))).filter(
      (one) => !ALTERATIONS.has(one),
    );
    expect([type, refused]).toEqual([type, []]);
  }
});

test('Indexes have a name each, and none is made of an expression over other tables.', async () => {
  for (const type of ['Patient', 'Observation'])
    for (const statement of await parse(tableDefinition(type, registry)))
      for (const index of below(statement, 'IndexStmt')) {
        expect(index['idxname']).toEqual(expect.any(String));
        expect(list(index['indexParams'])).not.toEqual([]);
        expect([...below(index, 'SubLink')]).toEqual([]);
      }
});

test('The decision says for every other table where it is kept.', async () => {
  const decision = readFileSync(join(import.meta.dirname, '../../../docs/adr/0013-citus.md'), 'utf8');
  const others = (
    await names(`select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)' order by 1`)
  ).filter((name) => !isResourceTable(name.split('.')[0], name.split('.')[1] ?? ''));
  expect(others.length).toBeGreaterThan(20);
  expect(others.filter((name) => !decision.includes(`\`${name.replace('public.', '')}\``))).toEqual([]);
});
