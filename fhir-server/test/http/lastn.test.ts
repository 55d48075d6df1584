/** Groups, pages and parameters of $lastn. https://hl7.org/fhir/R4/observation-operation-lastn.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { idsOf, issuesOf, linkOf, namesOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

const observation = (id: string, patient: string, date: string, code: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code,
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: date,
});
const coding = (...codes: string[]) => ({ coding: codes.map((code) => ({ system: 'http://c', code })) });
const day = (i: number): string => new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10);

/** Codings of one chain: n observations, each of which links two neighbours, told in an order that joins groups late. */
const CHAIN = 300;

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    ...['p1', 'p2', 'p3', 'p4'].map((id) => ({ resourceType: 'Patient', id })),
    observation('a', 'p1', '2023-01-01', coding('A')),
    observation('b', 'p1', '2022-01-01', coding('B')),
    observation('ab', 'p1', '2021-01-01', coding('A', 'B')),
    observation('c', 'p1', '2020-01-01', coding('C')),
    ...Array.from({ length: 7 }, (_, i) => observation(`n${i}`, 'p2', day(i), coding(`N${i}`))),
    ...Array.from({ length: CHAIN }, (_, i) => {
      const place = (i * 7) % CHAIN;
      return observation(`k${i}`, 'p3', day(i), coding(`K${place}`, `K${place + 1}`));
    }),
    observation('d1', 'p4', '2023-01-01', { text: 'pain', coding: [{ system: 'http://c' }] }),
    observation('d2', 'p4', '2022-01-01', { text: 'mood', coding: [{ system: 'http://c' }] }),
  );
}, 30_000);
afterAll(() => server.close());

test.each([
  ['patient=p1', ['a', 'c']],
  ['patient=p1&max=2', ['a', 'b', 'c']],
  ['patient=p1&max=3', ['a', 'ab', 'b', 'c']],
  // Without the one that links them they are two.
  ['patient=p1&date=ge2022', ['a', 'b']],
  ['patient=p3', [`k${CHAIN - 1}`]],
  ['patient=p3&max=2', [`k${CHAIN - 1}`, `k${CHAIN - 2}`]],
  ['patient=p4', ['d1', 'd2']],
])('Codes that a third one links are one group: %s', async (parameters, expected) => {
  expect(await search.ids(`Observation/$lastn?${parameters}`)).toEqual([...expected].sort());
});

async function pages(start: string): Promise<Bundle[]> {
  const all: Bundle[] = [];
  for (let at: string | undefined = start; at !== undefined; at = linkOf(all.at(-1)!, 'next')) {
    expect(all.length).toBeLessThan(20);
    all.push(await search.bundle(at));
  }
  return all;
}

const NEWEST_FIRST = ['n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'n0'];

test.each([1, 2, 3, 6, 7, 8])('In pages of %i each comes once, newest first.', async (count) => {
  const all = await pages(`Observation/$lastn?patient=p2&_count=${count}&_include=Observation:subject`);
  expect(all.flatMap((page) => idsOf(page))).toEqual(NEWEST_FIRST);
  expect(all).toHaveLength(Math.ceil(NEWEST_FIRST.length / count));
  for (const page of all) {
    expect(page.total).toBe(NEWEST_FIRST.length);
    expect(namesOf(page, 'include')).toEqual(['Patient/p2']);
  }
});

test('Without _count all come at once, and of a mere count none.', async () => {
  expect(idsOf(await search.bundle('Observation/$lastn?patient=p2'))).toEqual(NEWEST_FIRST);
  for (const parameter of ['_summary=count', '_count=0'])
    expect(await search.bundle(`Observation/$lastn?patient=p2&${parameter}`)).toMatchObject({ total: 7 });
  expect(idsOf(await search.bundle('Observation/$lastn?patient=p2&_count=0'))).toEqual([]);
  expect(idsOf(await search.bundle('Observation/$lastn?patient=p2&_summary=count'))).toEqual([]);
});

test('An order cannot be asked for: that is said, and not stated as understood.', async () => {
  const path = 'Observation/$lastn?patient=p2&_sort=date';
  const bundle = await search.bundle(path);
  expect(idsOf(bundle)).toEqual(NEWEST_FIRST);
  expect(issuesOf(bundle)).toMatchObject([{ severity: 'warning', code: 'not-supported', expression: ['_sort'] }]); // prettier-ignore
  expect(linkOf(bundle, 'self')).toBe('Observation/$lastn?patient=p2&max=1');
  const strict = await search.refusal(path, { headers: { Prefer: 'handling=strict' } });
  expect([strict.status, strict.code]).toEqual([400, 'not-supported']);
});

test('The page goes on where it was when its last resource is gone.', async () => {
  await search.store(observation('x', 'p2', '2030-01-01', coding('X')));
  const first = await search.bundle('Observation/$lastn?patient=p2&_count=1');
  expect(idsOf(first)).toEqual(['x']);
  await server.fhir('DELETE', 'Observation/x');
  expect(idsOf(await search.bundle(linkOf(first, 'next')!))).toEqual(['n6']);
});
