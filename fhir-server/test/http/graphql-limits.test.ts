/** How much one GraphQL query may ask for. Docs: graphql.md */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { graphqlClient, type GraphqlClient } from '../support/graphql.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let data: GraphqlClient['data'];
let refused: GraphqlClient['refused'];

const SETTINGS = {
  GRAPHQL_LIST_MAX: '3',
  GRAPHQL_RESOURCES_MAX: '12',
  GRAPHQL_COST_MAX: '400',
  GRAPHQL_TIMEOUT_MS: '2000',
  PAGE_BYTES_MAX: '20000',
};

const to = (reference: string) => ({ reference });

beforeAll(async () => {
  server = await startTestServer(SETTINGS);
  ({ data, refused } = graphqlClient(server));
  await searcher(server).store(
    ...['p1', 'p2', 'p3'].map((id) => ({ resourceType: 'Patient', id, name: Array.from({ length: 30 }, (_, i) => ({ given: [`n${i}`] })) })),
    ...[1, 2, 3, 4].flatMap((i) =>
      ['p1', 'p2'].map((p) => ({ resourceType: 'Flag', id: `${p}-${i}`, status: 'active', code: { text: 'x' }, subject: to(`Patient/${p}`) })),
    ),
    { resourceType: 'Patient', id: 'big', name: [{ text: 'x'.repeat(30_000) }] },
  ); // prettier-ignore
}, 30_000);
afterAll(() => server.close());

const times = (count: number, text: (i: number) => string): string => Array.from({ length: count }, (_, i) => text(i)).join(' '); // prettier-ignore
const nested = (depth: number): string => `${'link { other { resource { ... on Patient { '.repeat(depth)}id${' } } } }'.repeat(depth)}`; // prettier-ignore
const doubling = Array.from(
  { length: 25 },
  (_, i) => `fragment f${i} on Patient { ...f${i + 1} ...f${i + 1} }`,
);

test.each([
  ['a thousand aliases of a read', `{ ${times(1000, (i) => `a${i}: Patient(id: p1) { id }`)} }`],
  ['a thousand aliases of an element', `{ Patient(id: p1) { ${times(1000, (i) => `a${i}: id`)} } }`],
  ['a thousand aliases of a list', `{ ${times(1000, (i) => `a${i}: FlagList { id }`)} }`],
  ['more searches than there may be', `{ ${times(51, (i) => `a${i}: FlagList(_count: 1) { id }`)} }`],
  ['fifty levels', `{ Patient(id: p1) { ${nested(17)} } }`],
  ['fragments that double', `{ Patient(id: p1) { ...f0 } } ${doubling.join(' ')} fragment f25 on Patient { id }`],
  ['lists of lists', '{ PatientList { FlagList(_reference: subject) { subject { resource { ... on Patient { FlagList(_reference: subject) { id } } } } } } }'],
  ['a list of lists by a variable', 'query($n: Int) { PatientList(_count: $n) { FlagList(_reference: subject, _count: $n) { id status } } }'],
  ['a text without end', `{ Patient(id: "${'x'.repeat(100_001)}") { id } }`],
  ['tokens without end', `{ Patient(id: p1) { id(${times(5_001, () => 'a: 1')}) } }`],
  ['more of a list than there may be', '{ FlagList(_count: 4) { id } }'],
  ['a list that has more', '{ FlagList { id } }'],
  ['a list within a resource that has more', '{ Patient(id: p1) { FlagList(_reference: subject) { id } } }'],
  ['a list within resources that has more', '{ PatientList(_id: [p1, p2]) { FlagList(_reference: subject) { id } } }'],
  ['values without end', `{ Patient(id: p1) { name { ${times(20, (i) => `a${i}: text`)} } } }`],
  ['more resources than may be read', '{ a: FlagList(_count: 3) { id } b: FlagList(_count: 3) { id } c: FlagList(_count: 3) { id } d: FlagList(_count: 3) { id } e: FlagList(_count: 3) { id } }'],
  ['more bytes than may be read', '{ Patient(id: big) { id } }'],
])('%s is refused as too costly (attack 8)', async (_title, query) => {
  const started = Date.now();
  expect(await refused(query, { variables: { n: 1000 } })).toEqual([400, 'too-costly']);
  expect(Date.now() - started).toBeLessThan(5_000);
}); // prettier-ignore

test('What is within the limits is answered.', async () => {
  expect(await data('{ PatientList(_id: [p1, p2]) { FlagList(_reference: subject, _count: 3) { id } } }')).toEqual({
    PatientList: ['p1', 'p2'].map((p) => ({ FlagList: [1, 2, 3].map((i) => ({ id: `${p}-${i}` })) })),
  });
  expect(await data('{ Patient(id: p1) { name(_count: 1) { given } } }')).toEqual({
    Patient: { name: [{ given: ['n0'] }] },
  });
  expect(await data('{ FlagConnection(_count: 3) { count edges { resource { id } } } }')).toMatchObject({ FlagConnection: { count: 8 } }); // prettier-ignore
}); // prettier-ignore

test('A query that takes too long is refused in time.', async () => {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    await client.query('begin; lock table fhir."Flag" in access exclusive mode');
    const started = Date.now();
    expect(await refused('{ FlagList(_count: 1) { id } }')).toEqual([400, 'too-costly']);
    expect(Date.now() - started).toBeLessThan(4_000);
  } finally {
    await client.end();
  }
  expect(await data('{ FlagList(_count: 1) { id } }')).toEqual({ FlagList: [{ id: 'p1-1' }] });
}, 15_000);

test('However deep a text is, it is refused in words.', async () => {
  for (const depth of [100, 2_400])
    expect(await refused(`{ ${'a { '.repeat(depth)}a${' }'.repeat(depth)} }`)).toEqual([400, 'too-costly']);
  const type = `${'['.repeat(2_000)}ID${']'.repeat(2_000)}`;
  expect((await refused(`query($a: ${type}) { FlagList { id } }`))[0]).toBe(400);
  const value = `${'{a:'.repeat(1_600)}1${'}'.repeat(1_600)}`;
  expect((await refused(`{ FlagList(_id: ${value}) { id } }`))[0]).toBe(400);
});
