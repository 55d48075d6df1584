/** Pages of long resources end early and go on, so that their size is bounded. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle } from '@medplum/fhirtypes';
import { idsOf, linkOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const COUNT = 150;
const BYTES_MAX = 200_000;
const LONG = 'x'.repeat(20_000);

let server: TestServer;
let search: Searcher;

const ids = Array.from({ length: COUNT }, (_, i) => `b${String(i).padStart(3, '0')}`);

beforeAll(async () => {
  server = await startTestServer({ PAGE_BYTES_MAX: String(BYTES_MAX) });
  search = searcher(server);
  const basics = ids.map((id) => ({ resourceType: 'Basic', id, code: { text: LONG } }));
  const huge = { resourceType: 'Library', id: 'huge', status: 'draft', type: { text: LONG.repeat(20) } };
  await search.store(...basics, huge);
}, 30_000);
afterAll(() => server.close());

const contentBytes = (bundle: Bundle): number =>
  (bundle.entry ?? []).reduce((sum, e) => sum + JSON.stringify(e.resource).length, 0);

async function walk(path: string, relation: 'next' | 'previous'): Promise<Bundle[]> {
  const pages = [await search.bundle(path)];
  for (let link = linkOf(pages[0]!, relation); link !== undefined; link = linkOf(pages.at(-1)!, relation))
    pages.push(await search.bundle(link));
  return pages;
}

test('A page that would be too long ends earlier, and all come once over its links, forwards and backwards.', async () => {
  const pages = await walk('Basic?_count=1000', 'next');
  expect(pages.flatMap((page) => idsOf(page))).toEqual(ids);
  expect(pages.length).toBeGreaterThan(10);
  for (const page of pages) expect(contentBytes(page)).toBeLessThanOrEqual(BYTES_MAX);
  const back = await walk(linkOf(pages.at(-1)!, 'self') ?? '', 'previous');
  expect(back.toReversed().flatMap((page) => idsOf(page))).toEqual(ids);
});

test('A resource that is longer than a page may be comes alone.', async () => {
  expect(idsOf(await search.bundle('Library?_count=1000'))).toEqual(['huge']);
});

test('The number of matches does not depend on the length of a page.', async () => {
  const page = await search.bundle('Basic?_count=1000&_total=accurate');
  expect(page.total).toBe(COUNT);
});
