/** Full text, the best matches first. https://hl7.org/fhir/R4/search.html#content */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { idsOf, linkOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

const basic = (id: string, text: string, narrative?: string) => ({
  resourceType: 'Basic',
  id,
  code: { text },
  ...(narrative === undefined
    ? {}
    : { text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${narrative}</div>` } }),
});

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store(
    basic('a', `asthma ${'and many other words '.repeat(30)}`),
    basic('b', 'asthma, asthma and asthma again'),
    basic('c', 'asthma', 'Asthma is what this is about'),
    basic('d', 'nothing of that kind'),
    ...Array.from({ length: 9 }, (_, i) => basic(`t${i}`, 'tied tied')),
  );
}, 30_000);
afterAll(() => server.close());

const scores = async (path: string): Promise<[string | undefined, number | undefined][]> =>
  ((await search.bundle(path)).entry ?? []).map((e) => [e.resource?.id, e.search?.score]);

test('What matches best comes first, with its score.', async () => {
  const found = await scores('Basic?_content=asthma');
  expect(found.map(([id]) => id)).toEqual(['c', 'b', 'a']);
  const values = found.map(([, score]) => score ?? -1);
  expect(values).toEqual(values.toSorted((x, y) => y - x));
  for (const value of values) expect(value).toBeGreaterThan(0);
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
});

test('An order that is asked for goes before the rank.', async () => {
  expect(await scores('Basic?_content=asthma&_sort=-_id')).toEqual([['c', undefined], ['b', undefined], ['a', undefined]]); // prettier-ignore
});

test('Of _text only the narrative counts.', async () => {
  expect((await scores('Basic?_text=asthma')).map(([id]) => id)).toEqual(['c']);
});

test('Pages of equally good matches go on where they ended.', async () => {
  const ids: string[] = [];
  const pages: string[][] = [];
  for (let path: string | undefined = 'Basic?_content=tied&_count=4'; path !== undefined;) {
    const page = await search.bundle(path);
    pages.push(idsOf(page));
    ids.push(...idsOf(page));
    path = linkOf(page, 'next');
  }
  expect(ids).toEqual(Array.from({ length: 9 }, (_, i) => `t${i}`));
  expect(pages.map((p) => p.length)).toEqual([4, 4, 1]);
});

test('All types together are ranked too.', async () => {
  expect(idsOf(await search.bundle('?_type=Basic,Patient&_content=asthma'))).toEqual(['c', 'b', 'a']);
});
