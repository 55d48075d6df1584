/** What the server sends is parsed by PostgreSQL's parser: what Citus cannot do in it is listed, with what that costs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { distributeDatabases } from '../../support/database.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { type Construct, constructsOf } from './constructs.ts';
import { KNOWN } from './known.ts';
import { statementsBeside, statementsOfMix } from './mix.ts';
import { parse } from './tree.ts';

let server: TestServer;
/** A statement for each pair of kind and construct. */
const found = new Map<string, string>();
let all: string[];
let statements: string[];

beforeAll(async () => {
  distributeDatabases();
  server = await startTestServer();
  all = [...(await statementsOfMix(server)), ...(await statementsBeside(server))];
  statements = all.filter((sql) => sql.includes('fhir."'));
  for (const sql of statements)
    for (const statement of await parse(sql))
      for (const construct of constructsOf(statement))
        found.set(`${Object.keys(statement)[0]}: ${construct}`, sql);
}, 180_000);
afterAll(() => server.close());

const KEYS = new Set(KNOWN.map(({ statement, construct }) => `${statement}: ${construct}`));

test('The mix has reads, locks, changes and deletions of all kinds.', () => {
  const has = (pattern: RegExp): boolean => statements.some((sql) => pattern.test(sql));
  expect(
    [
      /^select .* for update$/, /^select .* for update skip locked$/, /^insert into fhir."\w+_history"/, /^update fhir/,
      /^delete from fhir/, /union all/, / left join fhir.* group by r\.id order by /, / left join lateral /, / t\.keys && \$1::uuid\[\]$/, / jsonb_array_elements\(\S+ v1 where/, / in \(select \w+\.patient from fhir/, / cross join \(select .* from access\.consent_rule/, /_string" s/, /row_number\(\)/,
      /ts_rank/, /count\(/, /r\.keys @> array\[\$1::uuid\] limit 1/, /"Binary_history" where id = any/, /left join \(select unnest\(events\)/, /content from fhir\."Subscription" where id = any/,
    ].filter((pattern) => !has(pattern)), // prettier-ignore
  ).toEqual([]);
  expect(statements.length).toBeGreaterThan(150);
});

test('Nothing is planned for all values.', () => {
  expect(all.filter((sql) => sql.includes('plan_cache_mode'))).toEqual([]);
});

test('Every construct that Citus refuses, or takes at a price, is known.', () => {
  expect([...found].filter(([key]) => !KEYS.has(key))).toEqual([]);
});

test('Nothing that is known is refused, or says something else.', () => {
  expect(KNOWN.filter(({ on }) => on !== 'costs')).toEqual([]);
});

test('All that is known is still sent.', () => {
  expect([...KEYS].filter((key) => !found.has(key))).toEqual([]);
});

test.each<[Construct[], string]>([
  [[], 'select content from fhir."Patient" where id = $1 for update'],
  [[], 'select r.id from fhir."A" r where r.id in ($1, $2)'],
  [[], 'insert into fhir."A_history" (id) select id from fhir."A" where id = any($1::text[])'],
  [[], 'select from fhir."A" r where r.id = $1 and exists (select from fhir."A_string" s where s.id = r.id)'],
  [[], 'select from fhir."A" r where r.id = $1 and exists (select from jsonb_array_elements(r.elements) e)'],
  [['lock of several ids'], 'select id from fhir."A" where id = any($1) for update'],
  [['every shard'], 'select from fhir."A" r where r.patient = $1 and r.id in (select s.id from fhir."A_string" s where s.id = r.id)'],
  [['correlation not by id'], 'select from fhir."A" r where r.id = $1 and exists (select from fhir."B" b where b.id = $2 and r.patient = b.id)'],
  [['correlation with a local table'], 'select from fhir."A" r where r.id = $1 and not exists (select from access.consent_rule c where c.patient = r.patient)'],
  [['join not by id'], 'select from fhir."A" a join fhir."B" b on a.patient = b.id where a.id = $1'],
  [[], 'select from fhir."A" a join fhir."A_history" h on h.id = a.id where a.id = $1'],
  [['join with a local table'], 'select from fhir."A" a join fhir.label l on true where a.id = $1'],
  [['join with sent rows'], 'select from fhir."A" a join unnest($2::text[]) u(t) on true where a.id = $1'],
  [['subquery of a local table first'], 'select from fhir."A" r where r.id = $1 and exists (select from (select c.patient from access.consent_rule c) d where d.patient = r.patient)'],
  [['correlation with a local table'], 'select from fhir."A" r where r.id = $1 and exists (select from (select c.patient from access.consent_rule c where c.patient = r.patient) d)'],
  [['aggregate or limit in a correlation'], 'select from fhir."A" r where r.id = $1 and exists (select from fhir."A_string" s where s.id = r.id offset 0)'],
  [['aggregate or limit in a correlation', 'subquery among results'], 'select (select min(s.value) from fhir."A_string" s where s.id = r.id) from fhir."A" r where r.id = $1'],
  [['subquery below sent rows'], 'select from fhir."A" r where r.id = $1 and exists (select from unnest(r.keys) k where exists (select from unnest(r.keys) l where l = k))'],
  [['subquery first without a column'], 'select from fhir."A" r where r.id = $1 and exists (select from fhir."B" b where b.id = $2)'],
  [['subquery first'], 'select from fhir."A" r where r.id = $1 and r.patient in (select b.id from fhir."B" b where b.id = $2)'],
  [['lateral'], 'select from unnest($1::text[]) u(t), lateral (select from fhir."A" a where a.id = $2) x'],
  [['grouping sets'], 'select from fhir."A" where id = $1 group by grouping sets ((patient), ())'],
  [['tablesample'], 'select from fhir."A" tablesample system (1) where id = $1'],
  [['window over all shards'], 'select row_number() over () from fhir."A" where id = $1'],
  [[], 'select row_number() over (partition by id) from fhir."A" where id = $1'],
  [['change in a with clause'], 'with gone as (delete from fhir."A" where id = $1 returning id) select from gone'],
  [['change of the distribution column'], 'update fhir."A" set id = $2 where id = $1'],
  [['volatile function'], 'update fhir."A" set content = random()::text where id = $1'],
  [['on conflict', 'rows by way of the coordinator'], 'insert into fhir."A" (id) values ($1) on conflict do nothing'],
  [['recursive', 'set operation', 'subquery first'], 'select from fhir."A" where id = $1 and patient in (with recursive d(x) as (select $2 union select b.id from fhir."B" b where b.id = $3) select x from d)'],
])('The lint finds %j in: %s', async (expected, sql) => {
  const [statement] = await parse(sql);
  expect([...constructsOf(statement!)].sort()).toEqual(expected);
}); // prettier-ignore
