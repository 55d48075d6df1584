/** What a search may cost, and what hostile input does: a refusal with the reason, never a fault of ours. Docs: configuration.md */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import pg from 'pg';
import { searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

beforeAll(async () => {
  server = await startTestServer({ STATEMENT_TIMEOUT_MS: '1000' });
  search = searcher(server);
  await search.store(
    {
      resourceType: 'Patient',
      id: 'p',
      name: [{ family: "O'Brien", given: ['𝔘nicode 🙂'] }],
      gender: 'male',
    },
    { resourceType: 'Encounter', id: 'e', status: 'planned', class: { code: 'AMB' }, subject: { reference: 'Patient/p' } }, // prettier-ignore
    { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p' } }, // prettier-ignore
  );
}, 30_000);
afterAll(() => server.close());

async function form(path: string, parameters: readonly (readonly [string, string])[]) {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(parameters.map(([n, v]): [string, string] => [n, v])).toString();
  const response = await server.fhir('POST', path, { headers, body });
  const outcome = (await response.json()) as OperationOutcome & { entry?: unknown[] };
  const [issue] = outcome.issue ?? [];
  const expression = issue?.expression?.[0];
  return { status: response.status, code: issue?.code, expression, found: outcome.entry?.length ?? 0 };
}

const many = (count: number, value: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => value(i)).join(',');

test('As many parameters and values as allowed are answered, and one more is refused.', async () => {
  const names = (count: number) => Array.from({ length: count }, () => ['gender', 'male'] as const);
  expect(await form('Patient/_search', names(50))).toMatchObject({ status: 200, found: 1 });
  expect(await form('Patient/_search', names(51))).toMatchObject({ status: 400, expression: 'gender' });
  for (const [name, value] of [
    ['name', (i: number) => `name${i}`],
    ['_id', (i: number) => `id${i}`],
    ['identifier', (i: number) => `http://x|${i}`],
    ['birthdate', (i: number) => String(1000 + i)],
    ['_lastUpdated', (i: number) => String(1000 + i)],
    ['organization', (i: number) => `Organization/${i}`],
    ['_list', (i: number) => `l${i}`],
  ] as const) {
    expect([name, (await form('Patient/_search', [[name, many(500, value)]])).status]).toEqual([name, 200]);
    expect([name, (await form('Patient/_search', [[name, many(501, value)]])).status]).toEqual([name, 400]);
  }
}, 20_000);

test('All limits used up at once are refused as too costly, and the connection stays usable.', async () => {
  const all = Array.from({ length: 50 }, (_, p) => ['name', many(500, (i) => `name${p}-${i}`)] as const);
  for (const parameters of [
    all,
    [['_id', 'p'], ...all.slice(1)],
    [['_total', 'estimate'], ...all.slice(1)],
  ] as const) {
    const answers = [form('Patient/_search', parameters), search.ids('Patient?_id=p')] as const;
    expect(await answers[0]).toMatchObject({ status: 400, code: 'too-costly' });
    expect(await answers[1]).toEqual(['p']);
  }
}, 30_000);

const HOSTILE = [
  "'",
  '\'\'; drop table fhir."Patient"; --',
  '" or 1=1 --',
  "x') or true --",
  '$1',
  '$$;select pg_sleep(9);$$',
  '%',
  '_',
  '\\',
  "\\'",
  '{"a":1}',
  '{a,b}',
  '\u202eevil',
  '🙂'.repeat(50),
  '\ud800',
  'a'.repeat(8_000),
  'ä'.repeat(1_200),
  '-1',
  '9'.repeat(400),
  '1e999',
  'NaN',
  'null',
  '__proto__',
];

const VALUES = [
  'Patient?name', 'Patient?name:exact', 'Patient?name:contains', 'Patient?gender', 'Patient?gender:text',
  'Patient?gender:not', 'Patient?identifier:of-type', 'Patient?birthdate', 'Patient?organization', 'Patient?organization:identifier',
  'Patient?_id', 'Patient?_lastUpdated', 'Patient?_text', 'Patient?_content', 'Patient?_list', 'Patient?_filter', 'Patient?_profile:below',
  'Patient?_sort', 'Patient?_count', 'Patient?_elements', 'Patient?_include', 'Patient?_revinclude', 'Patient?_total', 'Patient?_summary',
  'Patient?_has:Observation:patient:code', 'Observation?patient.name', 'Observation?code:in', 'Observation?code:below', 'Observation?value-quantity',
  'Observation?code-value-quantity', 'RiskAssessment?probability', 'ValueSet?url', 'ValueSet?url:below', 'Location?near', '?_type', 'Patient?_cursor',
]; // prettier-ignore

const NAMES = ['Patient?', 'Patient?name:', 'Patient?_has:', 'Patient?_has:Observation:', 'Patient?_has:Observation:patient:', 'Observation?patient.', 'Observation?subject:', 'Patient?_include:']; // prettier-ignore

test.each(VALUES)('Hostile values are taken as values, or refused: %s (attack 29)', async (parameter) => {
  for (const value of HOSTILE) {
    const refused = await search.refusal(`${parameter}=${encodeURIComponent(value.toWellFormed())}`);
    expect([value.slice(0, 40), [200, 400].includes(refused.status), refused.status]).toEqual([value.slice(0, 40), true, refused.status]); // prettier-ignore
  }
  expect((await search.refusal(`${parameter}=a%00b`)).status).toBe(400);
  expect((await search.refusal(`${parameter}=a%ff%fe`)).status).toBeLessThan(500);
});

test.each(NAMES)('Hostile names are unknown names, or refused: %s (attack 29)', async (start) => {
  for (const name of [...HOSTILE, '\0', 'toString', 'constructor'])
    expect([200, 400]).toContain((await search.refusal(`${start}${encodeURIComponent(name.toWellFormed())}=x`)).status); // prettier-ignore
});

test('After all of this everything is where it was.', async () => {
  expect(await search.ids('Patient?name=o%27brien')).toEqual(['p']);
  expect(await search.ids('Patient?given=𝔘nicode 🙂')).toEqual(['p']);
  expect(await search.ids('Observation')).toEqual(['o']);
});

const SLOW = ['Patient?name:contains=x', 'Observation?patient.name=x', 'Observation?patient=p&patient.name=x', 'Patient?_summary=count', '?_type=Patient', 'Patient?_total=accurate', 'Patient/p/$everything', 'Observation/$lastn?patient.name=x']; // prettier-ignore

test('Long searches by chains do not hold up short reads, though they name a patient.', async () => {
  const other = new pg.Client({ connectionString: server.databaseUrl });
  await other.connect();
  try {
    await other.query('begin');
    await other.query('lock table fhir."Patient" in access exclusive mode');
    const paths = ['Observation?patient=p&patient.name=x', 'Encounter?_id=e&patient.name=x'];
    const long = Array.from({ length: 10 }, (_, i) => search.refusal(paths[i % 2]!));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    for (let i = 0; i < 10; i += 1) expect((await server.fhir('GET', 'Encounter/e')).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(600);
    await Promise.all(long);
  } finally {
    await other.end();
  }
}, 15_000);

test('A search that takes too long ends with 503 and says what to narrow, while others go on.', async () => {
  const other = new pg.Client({ connectionString: server.databaseUrl });
  await other.connect();
  try {
    await other.query('begin');
    // As good as a slow statement: each waits, and the same clock runs.
    await other.query('lock table fhir."Patient" in access exclusive mode');
    const refused = SLOW.map((path) => search.refusal(path));
    for (let i = 0; i < 20; i += 1) expect((await server.fhir('GET', 'Encounter?_id=e')).status).toBe(200);
    for (const [i, path] of SLOW.entries()) {
      const { status, code, diagnostics } = await refused[i]!;
      expect([path, status, code]).toEqual([path, 503, 'too-costly']);
      expect(diagnostics).toMatch(/narrow/);
    }
  } finally {
    await other.end();
  }
  for (let i = 0; i < 3; i += 1)
    for (const path of SLOW) expect([path, (await server.fhir('GET', path)).status]).toEqual([path, 200]);
}, 15_000);
