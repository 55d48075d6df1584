/** Searches and writes at the same time. https://hl7.org/fhir/R4/http.html#transaction-integrity */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { idsOf, searcher, type Searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let search: Searcher;

beforeAll(async () => {
  server = await startTestServer();
  search = searcher(server);
  await search.store({ resourceType: 'Patient', id: 'p' });
}, 30_000);
afterAll(() => server.close());

const observation = (code: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code }] },
  subject: { reference: 'Patient/p' },
  ...more,
});

const times = <T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)));

test('What was answered with 2xx is found at once, whoever else writes.', async () => {
  await times(50, async (i) => {
    const created = await server.fhir('POST', 'Observation', { body: observation(`c${i}`) });
    expect(created.status).toBe(201);
    const { id = '' } = (await created.json()) as Resource;
    expect(await search.ids(`Observation?code=c${i}`)).toEqual([id]);
    const updated = await server.fhir('PUT', `Observation/${id}`, { body: observation(`u${i}`, { id }) });
    expect(updated.status).toBe(200);
    await updated.arrayBuffer();
    const [old, fresh] = await times(2, (n) => search.ids(`Observation?patient=p&code=${'cu'[n]}${i}`));
    expect([old, fresh]).toEqual([[], [id]]);
    expect((await server.fhir('DELETE', `Observation/${id}`)).status).toBeLessThan(300);
    expect(await search.ids(`Observation?code=u${i}`)).toEqual([]);
  });
}, 30_000);

test('A search never sees half of a transaction.', async () => {
  let isWriting = true;
  const writer = (async () => {
    for (let i = 0; i < 40; i += 1) {
      const pair = ['a', 'b'].map((side) => ({
        id: `${side}${i}`,
        ...observation('pair', { id: `${side}${i}` }),
      }));
      await search.store(...pair);
      // Moves both to another code, or deletes both.
      if (i % 4 === 0) await search.store(...pair.map((o) => ({ ...o, code: { text: 'moved' } })));
    }
    isWriting = false;
  })();
  const counts: number[] = [];
  const reader = async (path: string): Promise<void> => {
    while (isWriting) {
      const bundle = await search.bundle(path);
      const ids = idsOf(bundle);
      const sides = ['a', 'b'].map((side) => ids.filter((id) => id.startsWith(side)).map((id) => id.slice(1)).sort()); // prettier-ignore
      expect(sides[0]).toEqual(sides[1]);
      if (bundle.total !== undefined) expect(bundle.total % 2).toBe(0);
      counts.push(ids.length);
    }
  };
  await Promise.all([
    writer,
    reader('Observation?code=pair&_count=1000'),
    reader('Observation?patient=p&code=pair&_count=1000'),
    reader('Observation?code=pair&_summary=count'),
    reader('?_type=Observation&code=pair&_count=1000'),
  ]);
  expect(new Set(counts).size).toBeGreaterThan(1);
}, 30_000);

test('A chain and what it leads to are of the same moment.', async () => {
  const state = (family: string) => [
    { resourceType: 'Patient', id: 'turncoat', name: [{ family }] },
    observation(family, { id: 'turns', subject: { reference: 'Patient/turncoat' } }),
  ];
  await search.store(...state('red'));
  let isWriting = true;
  let found = 0;
  const reader = async (path: string, isPossible: boolean): Promise<void> => {
    while (isWriting) {
      const ids = await search.ids(path);
      if (isPossible) found += ids.length;
      else expect(ids).toEqual([]);
    }
  };
  const writer = (async () => {
    for (let i = 0; i < 60; i += 1) await search.store(...state(i % 2 === 0 ? 'blue' : 'red'));
    isWriting = false;
  })();
  await Promise.all([
    writer,
    reader('Observation?subject:Patient.family=red&code=blue', false),
    reader('Observation?subject:Patient.family=blue&code=red', false),
    reader('Observation?subject:Patient.family=blue&code=blue', true),
  ]);
  expect(found).toBeGreaterThan(0);
}, 30_000);

test('Of updates that expect the same version exactly one wins.', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = `race-${round}`;
    await search.store(observation('start', { id }));
    const answers = await times(12, (i) =>
      server.fhir('PUT', `Observation/${id}`, {
        body: observation(`by${i}`, { id }),
        headers: { 'If-Match': 'W/"1"' },
      }),
    );
    const statuses = answers.map((a) => a.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 412)]);
    const winner = answers.findIndex((a) => a.status === 200);
    expect(await search.ids(`Observation?_id=${id}&code=by${winner}`)).toEqual([id]);
  }
}, 30_000);

test('Without an expectation all updates succeed, and versions have no gap.', async () => {
  const id = 'gapless';
  const answers = await times(30, (i) =>
    server.fhir('PUT', `Observation/${id}`, { body: observation(`v${i}`, { id }) }),
  );
  expect(answers.map((a) => a.status).sort()).toEqual([...Array.from({ length: 29 }, () => 200), 201]);
  const history = await search.bundle(`Observation/${id}/_history?_count=100`);
  const versions = history.entry?.map((e) => Number(e.resource?.meta?.versionId));
  expect(versions).toEqual(Array.from({ length: 30 }, (_, i) => 30 - i));
  const last = history.entry![0]!.resource as Resource & { code: { coding: [{ code: string }] } };
  expect(await search.ids(`Observation?_id=${id}&code=${last.code.coding[0].code}`)).toEqual([id]);
}, 30_000);

test('Of creates on condition that run at once one makes the resource, and all name it.', async () => {
  for (let round = 0; round < 3; round += 1) {
    const identifier = [{ system: 'http://x.example', value: `once-${round}` }];
    const headers = { 'If-None-Exist': `identifier=http://x.example|once-${round}` };
    const answers = await times(10, () =>
      server.fhir('POST', 'Patient', { body: { resourceType: 'Patient', identifier }, headers }),
    );
    const statuses = answers.map((a) => a.status);
    expect(statuses.filter((s) => s === 201)).toHaveLength(1);
    expect(statuses.filter((s) => s !== 201 && s !== 200)).toEqual([]);
    expect(await search.ids(`Patient?identifier=http://x.example|once-${round}`)).toHaveLength(1);
    const places = answers.map((a) => a.headers.get('location')?.replace(/\/_history.*/, ''));
    expect(new Set(places.filter((p) => p !== undefined)).size).toBe(1);
  }
}, 30_000);

test('Transactions that create on the same condition make one as well.', async () => {
  const resource = { resourceType: 'Patient', identifier: [{ system: 'http://x.example', value: 'tx' }] };
  const request = { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=http://x.example|tx' };
  const body = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] };
  const answers = await times(8, () => server.fhir('POST', '', { body }));
  for (const answer of answers) {
    expect([200, 409]).toContain(answer.status);
    if (answer.status === 200) expect(((await answer.json()) as Bundle).type).toBe('transaction-response');
  }
  expect(await search.ids('Patient?identifier=http://x.example|tx')).toHaveLength(1);
}, 30_000);
