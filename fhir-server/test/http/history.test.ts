/** The history of types and of the whole system over HTTP. https://hl7.org/fhir/R4/http.html#history */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { historyReader, named, nextPath, type HistoryReader } from '../support/history-reader.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;
let history: HistoryReader['page'];
let allPages: HistoryReader['allPages'];
let put: HistoryReader['put'];

beforeAll(async () => {
  server = await startTestServer({ PAGE_SIZE_MAX: '50' });
  ({ page: history, allPages, put } = historyReader(server));
}, 30_000);
afterAll(() => server.close());

const json = async <T>(response: Response): Promise<T> => (await response.json()) as T;
const patient = (id: string, language = 'de') => ({ resourceType: 'Patient', id, language });
const basic = (id: string, text = 'x') => ({ resourceType: 'Basic', id, code: { text } });

/** A moment that lies between what was written before and what will be. */
async function between(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const moment = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return moment;
}

test('The history of a type has each version, newest first, with its request, its response and its exact text.', async () => {
  await put(basic('a', 'one'));
  await put(basic('b'));
  await put(basic('a', 'two'));
  await server.fhir('DELETE', 'Basic/b');
  const bundle = await history('Basic/_history');
  expect(bundle).toMatchObject({ type: 'history', total: 4 });
  expect(bundle.entry?.map((e) => [e.request?.method, named(e), e.response?.status])).toEqual([
    ['DELETE', 'Basic/b W/"2"', '204'],
    ['PUT', 'Basic/a W/"2"', '200'],
    ['PUT', 'Basic/b W/"1"', '201'],
    ['PUT', 'Basic/a W/"1"', '201'],
  ]);
  const [deletion, newest, , oldest] = bundle.entry ?? [];
  expect(deletion).not.toHaveProperty('resource');
  expect(newest?.fullUrl).toBe(`${server.fhirBase}/Basic/a`);
  expect(newest?.response?.lastModified).toBe(newest?.resource?.meta?.lastUpdated);
  expect(oldest?.resource).toEqual(await json(await server.fhir('GET', 'Basic/a/_history/1')));
});

test('A deleted version is gone for vread.', async () => {
  const response = await server.fhir('GET', 'Basic/b/_history/2');
  expect(response.status).toBe(410);
  expect(await json(response)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ code: 'deleted' }],
  });
});

test('Pages lead through everything once, also through what was written at one moment.', async () => {
  const entry = Array.from({ length: 25 }, (_, i) => ({
    resource: basic(`t${i}`),
    request: { method: 'PUT', url: `Basic/t${i}` },
  }));
  const other = Array.from({ length: 10 }, (_, i) => ({
    resource: {
      resourceType: 'Flag',
      id: `t${i}`,
      status: 'active',
      code: { text: 'x' },
      subject: { display: 'x' },
    },
    request: { method: 'PUT', url: `Flag/t${i}` },
  }));
  for (let i = 0; i < 2; i += 1) {
    const body = { resourceType: 'Bundle', type: 'transaction', entry: [...entry, ...other] };
    expect((await server.fhir('POST', '', { body })).status).toBe(200);
  }
  const ofType = (await allPages('Basic/_history?_count=7')).map(named);
  expect(ofType).toEqual((await allPages('Basic/_history')).map(named));
  expect([ofType.length, new Set(ofType).size]).toEqual([54, 54]);
  const ofAll = (await allPages('_history?_count=7')).map(named);
  expect(ofAll).toEqual((await allPages('_history?_count=50')).map(named));
  expect([ofAll.length, new Set(ofAll).size]).toEqual([74, 74]);
  expect(await history('_history?_count=0')).toMatchObject({ total: 74 });
});

test('Writes between the pages neither repeat nor hide what was there before.', async () => {
  const before = (await allPages('_history?_count=50')).map(named);
  const seen = await allPages('_history?_count=6', {}, async (page) => {
    await put(basic(`t${(page * 7) % 25}`, `page ${page}`));
    await put(basic(`new${page}`));
    await server.fhir('DELETE', `Flag/t${page % 10}`);
  });
  expect(seen.map(named)).toEqual(before);
  const times = seen.map((e) => e.response?.lastModified ?? '');
  expect(times).toEqual(times.toSorted().toReversed());
});

test('Writes at the same time as the reads do not, either.', async () => {
  const before = (await allPages('_history?_count=50')).map(named);
  let reading = true;
  const write = async (writer: number): Promise<void> => {
    for (let i = 0; reading; i += 1) {
      await put(basic(`t${writer * 8 + (i % 8)}`, `at once ${i}`));
      await server.fhir('DELETE', `Basic/new${writer * 8 + (i % 8)}`);
    }
  };
  const writers = Promise.all([0, 1, 2].map(write));
  const seen = (await allPages('_history?_count=5')).map(named);
  reading = false;
  await writers;
  expect(new Set(seen).size).toBe(seen.length);
  const earlier = new Set(before);
  expect(seen.filter((name) => earlier.has(name))).toEqual(before);
});

describe('Of a period:', () => {
  const moments: string[] = [];
  beforeAll(async () => {
    moments.push(await between());
    await put(patient('per1', 'de'));
    moments.push(await between());
    await put(patient('per1', 'en'));
    await put(patient('per2', 'en'));
    moments.push(await between());
    await put(patient('per1', 'fr'));
    await server.fhir('DELETE', 'Patient/per2');
    moments.push(await between());
  });
  const names = async (query: string): Promise<string[]> =>
    (await allPages(query)).map((e) => named(e).replace(/^Patient\//, ''));

  test('_since gives what was written then or later, also at that very moment.', async () => {
    expect(await names(`Patient/_history?_since=${moments[2]}`)).toEqual(['per2 W/"2"', 'per1 W/"3"']);
    const exact = (await history('Patient/per1/_history/2')) as unknown as { meta: { lastUpdated: string } };
    const since = exact.meta.lastUpdated.replace('Z', '+00:00');
    expect(await names(`Patient/per1/_history?_since=${since}`)).toEqual(['per1 W/"3"', 'per1 W/"2"']);
    expect(await names(`_history?_count=1&_since=${moments[3]}`)).toEqual([]);
  });

  test.each([
    [0, []],
    [1, ['per1 W/"1"']],
    [2, ['per2 W/"1"', 'per1 W/"2"']],
    [3, ['per2 W/"2"', 'per1 W/"3"']],
  ])('_at moment %i gives what was current.', async (i, expected) => {
    const all = expected.toSorted();
    expect((await names(`Patient/_history?_at=${moments[i]}`)).toSorted()).toEqual(all);
    expect((await names(`Patient/_history?_count=1&_at=${moments[i]}`)).toSorted()).toEqual(all);
    const own = all.filter((name) => name.startsWith('per1'));
    expect(await names(`Patient/per1/_history?_at=${moments[i]}`)).toEqual(own);
    expect(await history(`Patient/per1/_history?_count=0&_at=${moments[i]}`)).toMatchObject({
      total: own.length,
    });
    expect(await history(`Patient/_history?_count=0&_at=${moments[i]}`)).toMatchObject({ total: all.length });
  });

  test('_at is a range, from the start of the text’s precision to its end.', async () => {
    const year = new Date().getUTCFullYear();
    expect(await names(`Patient/_history?_at=${year}`)).toHaveLength(5);
    expect(await names(`Patient/_history?_at=${year - 1}`)).toEqual([]);
    expect(await names(`Patient/_history?_at=${year}&_since=${moments[2]}`)).toHaveLength(2);
  });
});

describe('Refused is', () => {
  const cases: [string, FhirOptions, object][] = [
    ['Patient/_history?_since=2024-05', {}, { status: 400, at: '_since' }],
    ['_history?_since=2024-02-30T00:00:00Z', {}, { status: 400, at: '_since' }],
    ['Patient/_history?_at=2024-13', {}, { status: 400, at: '_at' }],
    ['Patient/per1/_history?_at=lt2024', {}, { status: 400, at: '_at' }],
    ['_history?_at=2024&_at=2025', {}, { status: 400, at: '_at' }],
    ['_history?_count=-1', {}, { status: 400, at: '_count' }],
    ['_history?_list=List/1', {}, { status: 400, at: '_list', code: 'not-supported' }],
    ['_history?x=1', { headers: { Prefer: 'handling=strict' } }, { status: 400, at: 'x' }],
    ['Basic/a/_history?x=1', { headers: { Prefer: 'handling=strict' } }, { status: 400, at: 'x' }],
    ['Patient/_history?_cursor=AAAA', {}, { status: 400, at: '_cursor' }],
    [`Patient/_history?_cursor=${'A'.repeat(80)}`, {}, { status: 400, at: '_cursor' }],
    ['Patent/_history', {}, { status: 404 }],
    ['Patient/_history/1', {}, { status: 404 }],
    ['Patient/_history', { token: null }, { status: 401 }],
    ['_history', { token: null }, { status: 401 }],
  ];
  test.each(cases)('%s', async (path, options, expected) => {
    const response = await server.fhir('GET', path, options);
    const { issue } = await json<OperationOutcome>(response);
    const found = { status: response.status, code: issue[0]?.code, at: issue[0]?.expression?.[0] };
    expect(found).toMatchObject(expected);
  });

  test('a method that is not there', async () => {
    for (const path of ['Patient/_history', '_history'])
      expect((await server.fhir('POST', path, { body: {} })).status).toBe(405);
  });

  test('a page link of another query, another caller, or with one bit changed', async () => {
    const link = nextPath(await history('Patient/_history?_count=2'))!;
    expect((await history(link)).entry).toHaveLength(2);
    const cursor = new URLSearchParams(link.split('?')[1]).get('_cursor')!;
    const middle = cursor.length >> 1;
    const changed = cursor.slice(0, middle) + (cursor[middle] === 'A' ? 'B' : 'A') + cursor.slice(middle + 1);
    for (const other of [
      link.replace('_count=2', '_count=3'),
      link.replace('Patient/', ''),
      link.replace('Patient/', 'Basic/'),
      link.replace(cursor, changed),
    ])
      expect((await server.fhir('GET', other)).status).toBe(400);
    const token = await appToken(server, 'doctor', 'user/*.rs');
    expect((await server.fhir('GET', link, { token })).status).toBe(400);
  });
});

test('_count is limited to the configured maximum, 0 asks for the total alone, and what is unknown is ignored.', async () => {
  expect((await history('_history?_count=100000')).entry).toHaveLength(50);
  const none = await history('Basic/_history?_count=0&x=1');
  expect(none.entry).toBeUndefined();
  expect(nextPath(none)).toBeUndefined();
  expect(none.total).toBe((await allPages('Basic/_history')).length);
  expect(await history('Slot/_history')).toMatchObject({ total: 0, type: 'history' });
});

test('A batch can ask for the history of a type.', async () => {
  const entry = [{ request: { method: 'GET', url: 'Basic/_history?_count=1' } }];
  const answer = await json<Bundle>(
    await server.fhir('POST', '', { body: { resourceType: 'Bundle', type: 'batch', entry } }),
  );
  expect(answer.entry?.[0]?.resource).toMatchObject({ type: 'history' });
});

test('The CapabilityStatement names both.', async () => {
  const { rest } = await json<CapabilityStatement>(await server.fhir('GET', 'metadata', { token: null }));
  expect(rest?.[0]?.interaction).toContainEqual({ code: 'history-system' });
  for (const { interaction } of rest?.[0]?.resource ?? [])
    expect(interaction).toContainEqual({ code: 'history-type' });
});
