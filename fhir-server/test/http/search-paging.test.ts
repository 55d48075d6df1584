/** Pages and their order. https://hl7.org/fhir/R4/http.html#paging */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { idsOf, linkOf, searcher, type Searcher, type Sent } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const PATIENTS = 53;
const PAGE_SIZE_MAX = 20;

let server: TestServer;
let search: Searcher;

interface Keys {
  readonly id: string;
  readonly family: string | undefined;
  readonly birthdate: string | undefined;
  readonly gender: string | undefined;
  readonly organization: string | undefined;
}

/** Few distinct values and many that are missing, so that ties and gaps are everywhere. */
const keysOf = (i: number): Keys => ({
  id: `p${String(i).padStart(2, '0')}`,
  family: i % 4 === 0 ? undefined : `name${i % 5}`,
  birthdate: i % 3 === 0 ? undefined : `19${50 + (i % 7)}-01-01`,
  gender: i % 5 === 0 ? undefined : ['male', 'female', 'other'][i % 3],
  organization: i % 2 === 0 ? undefined : `Organization/o${i % 3}`,
});

const patients = Array.from({ length: PATIENTS }, (_, i) => keysOf(i));

const patient = ({ id, family, birthdate, gender, organization }: Keys): Sent => ({
  resourceType: 'Patient',
  id,
  ...(family === undefined ? {} : { name: [{ family }] }),
  ...(birthdate === undefined ? {} : { birthDate: birthdate }),
  ...(gender === undefined ? {} : { gender }),
  ...(organization === undefined ? {} : { managingOrganization: { reference: organization } }),
});

beforeAll(async () => {
  server = await startTestServer({ PAGE_SIZE: '10', PAGE_SIZE_MAX: String(PAGE_SIZE_MAX) });
  search = searcher(server);
  await search.store(
    ...[0, 1, 2].map((i) => ({ resourceType: 'Organization', id: `o${i}`, name: `o${i}` })),
    ...patients.map(patient),
    ...['http://b', 'http://a/x', undefined, 'http://a'].map((url, i) => ({ resourceType: 'ValueSet', id: `v${i}`, status: 'draft', url })), // prettier-ignore
    ...[0.5, undefined, 0.25, 10].map((value, i) => ({ resourceType: 'RiskAssessment', id: `r${i}`, status: 'final', subject: { reference: 'Patient/p01' }, prediction: [{ outcome: { text: 'x' }, ...(value === undefined ? {} : { probabilityDecimal: value }) }] })), // prettier-ignore
  );
}, 30_000);
afterAll(() => server.close());

/** What the standard says of the order: each key in turn, what has none at the end, and here the id at last. */
function ordered(sort: string): string[] {
  const keys = sort.split(',').map((name) => [name.replace(/^-/, ''), name.startsWith('-')] as const);
  const compare = (a: Keys, b: Keys): number => {
    for (const [name, descending] of keys) {
      const [x, y] = [a, b].map((k) => k[(name === '_id' ? 'id' : name) as keyof Keys]);
      if (x === y) continue;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return x < y === descending ? 1 : -1;
    }
    return a.id < b.id ? -1 : 1;
  };
  return [...patients].sort(compare).map((p) => p.id);
}

/** All pages along a link. */
async function walk(start: Bundle, relation: 'next' | 'previous'): Promise<Bundle[]> {
  const pages = [start];
  for (let at = linkOf(start, relation); at !== undefined; at = linkOf(pages.at(-1)!, relation)) {
    expect(pages.length).toBeLessThan(PATIENTS + 5);
    pages.push(await search.bundle(at));
  }
  return pages;
}

test.each([
  'family',
  '-family',
  'birthdate',
  '-birthdate',
  'birthdate,-gender',
  'gender',
  '-gender',
  'organization',
  '-organization',
  'family,-birthdate,gender,-organization',
  '-organization,gender,birthdate',
  'gender,-_id',
  '-_id',
])('Sorted by %s the pages are in order, and the way back leads over the same pages.', async (sort) => {
  const forth = await walk(await search.bundle(`Patient?_sort=${sort}&_count=9`), 'next');
  expect(forth.flatMap((page) => idsOf(page))).toEqual(ordered(sort));
  expect(forth).toHaveLength(Math.ceil(PATIENTS / 9));
  const back = await walk(forth.at(-1)!, 'previous');
  expect(back.map((page) => idsOf(page)).reverse()).toEqual(forth.map((page) => idsOf(page)));
  const first = await search.bundle(linkOf(forth[2]!, 'first')!);
  expect(idsOf(first)).toEqual(idsOf(forth[0]!));
  expect([linkOf(forth[0]!, 'previous'), linkOf(forth.at(-1)!, 'next')]).toEqual([undefined, undefined]);
});

test.each([
  ['ValueSet?_sort=url', ['v3', 'v1', 'v0', 'v2']],
  ['ValueSet?_sort=-url', ['v0', 'v1', 'v3', 'v2']],
  ['RiskAssessment?_sort=probability', ['r2', 'r0', 'r3', 'r1']],
  ['RiskAssessment?_sort=-probability', ['r3', 'r0', 'r2', 'r1']],
])('Uris and numbers have their order too: %s', async (path, expected) => {
  const pages = await walk(await search.bundle(`${path}&_count=1`), 'next');
  expect(pages.flatMap((page) => idsOf(page))).toEqual(expected);
});

test('A page has its usual size, and never more than the greatest.', async () => {
  expect(idsOf(await search.bundle('Patient'))).toHaveLength(10);
  for (const count of [PAGE_SIZE_MAX, PAGE_SIZE_MAX + 1, 999_999_999])
    expect(idsOf(await search.bundle(`Patient?_count=${count}`))).toHaveLength(PAGE_SIZE_MAX);
});

test('A page of exactly what is left has no next.', async () => {
  const bundle = await search.bundle('ValueSet?_count=4');
  expect([idsOf(bundle).length, linkOf(bundle, 'next')]).toEqual([4, undefined]);
});

test('Nothing that stays as it is comes twice or is lost while others come, change and go.', async () => {
  const tagged = (id: string, family: string) => ({ resourceType: 'Person', id, name: [{ family }] });
  const family = (i: number): string => `n${String(i % 8)}`;
  const stay = Array.from({ length: 30 }, (_, i) => tagged(`stay-${i}`, family(i)));
  const go = Array.from({ length: 20 }, (_, i) => tagged(`go-${i}`, family(i)));
  await search.store(...stay, ...go);
  const seen: string[] = [];
  let round = 0;
  for (let at: string | undefined = 'Person?_sort=name&_count=4'; at !== undefined; round += 1) {
    const bundle: Bundle = await search.bundle(at);
    seen.push(...idsOf(bundle));
    at = linkOf(bundle, 'next');
    await search.store(tagged(`new-${round}`, family(round)), tagged(`go-${19 - (round % 20)}`, family(round * 3))); // prettier-ignore
    await server.fhir('DELETE', `Person/go-${round % 20}`);
    // The last one seen goes as well: its place stays one to go on from.
    const last = seen.at(-1);
    if (last?.startsWith('go')) await server.fhir('DELETE', `Person/${last}`);
  }
  const stayed = seen.filter((id) => id.startsWith('stay'));
  expect(stayed).toHaveLength(30);
  expect(new Set(stayed).size).toBe(30);
});

test('A page link is good for its search and its caller alone.', async () => {
  const next = linkOf(await search.bundle('Patient?_sort=family&_count=5'), 'next')!;
  const cursor = /_cursor=([^&]+)/.exec(next)![1]!;
  for (const path of [
    `Patient?_cursor=${cursor}`,
    `Patient?_sort=-family&_count=5&_cursor=${cursor}`,
    `Patient?_sort=family&_count=6&_cursor=${cursor}`,
    `Patient?_sort=family&_count=5&family=x&_cursor=${cursor}`,
    `Person?_sort=family&_count=5&_cursor=${cursor}`,
    `Patient?_sort=family&_count=5&_cursor=${cursor.slice(0, -4)}`,
    `Patient?_sort=family&_count=5&_cursor=${cursor.slice(0, 20)}AAAA${cursor.slice(24)}`,
    'Patient?_cursor=',
    'Patient?_cursor=%00',
    'Patient?_cursor=AAAA',
  ])
    expect([path, (await search.refusal(path)).status]).toEqual([path, 400]);
  expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('name');
});

test('Once its time is over a page link is refused with 410.', async () => {
  const short = await startTestServer({ PAGE_LINK_TTL_SECONDS: '1' });
  try {
    const own = searcher(short);
    await own.store(...patients.slice(0, 3).map((p) => patient({ ...p, organization: undefined })));
    const next = linkOf(await own.bundle('Patient?_count=1'), 'next')!;
    expect(await own.ids(next)).toEqual(['p01']);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await own.refusal(next)).toMatchObject({ status: 410, code: 'expired' });
  } finally {
    await short.close();
  }
}, 20_000);
