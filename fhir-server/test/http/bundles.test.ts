/** Batches, transactions and searches on real data. https://hl7.org/fhir/R4/http.html#transaction */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Bundle, Condition, Observation, Patient, Resource } from '@medplum/fhirtypes';
import { sharedData, testWith } from '../support/requirement.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 30_000);
afterAll(() => server.close());

const send = async (bundle: object): Promise<{ status: number; body: Bundle }> => {
  const response = await server.fhir('POST', '', { body: bundle });
  return { status: response.status, body: (await response.json()) as Bundle };
};
const search = async (query: string): Promise<Bundle> =>
  (await (await server.fhir('GET', query)).json()) as Bundle;
const total = async (query: string): Promise<number | undefined> =>
  (await search(`${query}&_summary=count`)).total;

const URN = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
const entry = (method: string, url: string, resource?: object, rest: object = {}): object => ({
  request: { method, url, ...rest },
  ...(resource === undefined ? {} : { resource }),
});
const patient = (rest: object = {}): object => ({ resourceType: 'Patient', ...rest });

test('A transaction resolves its references and answers in order.', async () => {
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: URN },
  };
  const { status, body } = await send({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      entry('POST', 'Observation', observation),
      { ...entry('POST', 'Patient', patient()), fullUrl: URN },
      entry('PUT', 'Patient/tx', patient({ id: 'tx' })),
      entry('GET', 'Patient/tx'),
    ],
  });
  expect([status, body.type]).toEqual([200, 'transaction-response']);
  expect(body.entry?.map((e) => e.response?.status)).toEqual([
    '201 Created',
    '201 Created',
    '201 Created',
    '200 OK',
  ]);
  const made = body.entry?.[1]?.resource as Patient;
  expect((body.entry?.[0]?.resource as Observation).subject?.reference).toBe(`Patient/${made.id}`);
});

test.each([
  [
    'a faulty resource',
    entry('POST', 'Patient', patient({ gender: 'x' })),
    400,
    'Bundle.entry[1].resource.gender',
  ],
  [
    'an unknown reference',
    entry('POST', 'Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: URN },
    }),
    400,
    undefined,
  ],
  [
    'a stale version',
    entry('PUT', 'Patient/tx', patient({ id: 'tx' }), { ifMatch: 'W/"99"' }),
    412,
    undefined,
  ],
  ['the same resource twice', entry('PUT', 'Patient/undone', patient({ id: 'undone' })), 400, undefined],
  ['a read of what is not there', entry('GET', 'Patient/not-there'), 404, undefined],
  [
    'a conditional reference without a match',
    entry('POST', 'Observation', {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient?identifier=none' },
    }),
    412,
    undefined,
  ],
  ['another server', entry('GET', 'https://evil.example/Patient/1'), 400, 'Bundle.entry[1].request.url'],
  ['a way out of the base', entry('GET', 'Patient/../../admin'), 400, undefined],
])('A transaction with %s leaves nothing behind.', async (_title, faulty, status, at) => {
  const first = entry('PUT', 'Patient/undone', patient({ id: 'undone' }));
  const answer = await send({ resourceType: 'Bundle', type: 'transaction', entry: [first, faulty] });
  expect(answer.status).toBe(status);
  if (at !== undefined) expect(answer.body).toMatchObject({ issue: [{ expression: [at] }] });
  expect((await server.fhir('GET', 'Patient/undone')).status).toBe(404);
});

test('A batch does what it can, entry by entry.', async () => {
  const { body } = await send({
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      entry('PUT', 'Patient/b1', patient({ id: 'b1' })),
      entry('GET', 'Patient/none'),
      entry('DELETE', 'Patient/b1'),
    ],
  });
  expect(body.entry?.map((e) => e.response?.status)).toEqual([
    '201 Created',
    '404 Not Found',
    '204 No Content',
  ]);
  expect(body.entry?.[1]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
});

test('Pages follow each other without gaps or repeats, and belong to their caller.', async () => {
  const entries = Array.from({ length: 23 }, (_, i) =>
    entry('PUT', `Basic/page-${i}`, {
      resourceType: 'Basic',
      id: `page-${i}`,
      code: { text: 'x' },
      created: `2020-01-${String((i % 9) + 1).padStart(2, '0')}`,
    }),
  );
  await send({ resourceType: 'Bundle', type: 'transaction', entry: entries });
  const seen: string[] = [];
  let url: string | undefined = `${server.fhirBase}/Basic?_count=5&_sort=-created`;
  let second: string | undefined;
  while (url !== undefined) {
    const page: Bundle = await search(url.slice(server.fhirBase.length + 1));
    seen.push(...(page.entry ?? []).map((e) => e.resource?.id ?? ''));
    url = page.link?.find((l) => l.relation === 'next')?.url;
    second ??= url;
  }
  expect(seen).toHaveLength(23);
  expect(new Set(seen).size).toBe(23);
  const changed = second!.replace(/_cursor=..../, '_cursor=AAAA').slice(server.fhirBase.length + 1);
  expect((await server.fhir('GET', changed)).status).toBe(400);
});

const synthea = sharedData('synthea');

testWith(synthea)(
  'Synthea bundles load, and searches by patient, code and date find what the files hold.',
  async () => {
    const files = readdirSync(synthea.path!).filter((f) => f.endsWith('.gz'));
    const load = (file: string): Bundle =>
      JSON.parse(gunzipSync(readFileSync(join(synthea.path!, file))).toString()) as Bundle;
    const shared = files.filter((f) => /^(0-|hospital|practitioner)/.test(f)).map(load);
    const people = files
      .filter((f) => /^[0-9a-f]{8}-/.test(f))
      .map((f) => ({ f, size: readFileSync(join(synthea.path!, f)).length }))
      .sort((a, b) => a.size - b.size)
      .slice(0, 2)
      .map(({ f }) => load(f));
    for (const bundle of shared) {
      const { status, body } = await send(bundle);
      expect(status).toBe(200);
      expect(body.entry?.filter((e) => !/^20[01]/.test(e.response?.status ?? ''))).toEqual([]);
    }
    expect((await send(placesOf(people))).status).toBe(200);
    for (const bundle of people) expect((await send(bundle)).status).toBe(200);
    for (const bundle of people) await expectFound(bundle);
  },
  120_000,
);

const resources = <T extends Resource>(bundle: Bundle, type: T['resourceType']): T[] =>
  (bundle.entry ?? []).flatMap((e) => (e.resource?.resourceType === type ? [e.resource as T] : []));

/** The hospitals to which the bundles refer by identifier are in no file: they are made here. */
function placesOf(bundles: readonly Bundle[]): object {
  const references = new Set(JSON.stringify(bundles).match(/(?:Location|Organization)\?identifier=[^"]+/g));
  const entries = [...references].map((reference) => {
    const [resourceType = '', query = ''] = reference.split('?');
    const [system, value] = query.replace('identifier=', '').split('|');
    const resource = { resourceType, identifier: [{ system, value }], name: 'A place' };
    return entry('POST', resourceType, resource, { ifNoneExist: query });
  });
  return { resourceType: 'Bundle', type: 'transaction', entry: entries };
}

async function expectFound(bundle: Bundle): Promise<void> {
  const [person] = resources<Patient>(bundle, 'Patient');
  const found = await search(
    `Patient?identifier=https://github.com/synthetichealth/synthea|${person!.identifier![0]!.value}`,
  );
  const id = found.entry?.[0]?.resource?.id;
  const observations = resources<Observation>(bundle, 'Observation');
  expect(await total(`Observation?patient=${id}`)).toBe(observations.length);
  expect(await total(`Condition?patient=${id}`)).toBe(resources<Condition>(bundle, 'Condition').length);
  const counts = Map.groupBy(observations, (o) => o.code.coding?.[0]?.code ?? '');
  for (const [code, own] of [...counts].slice(0, 5))
    expect(await total(`Observation?patient=${id}&code=http://loinc.org|${code}`)).toBe(own.length);
  const years = Map.groupBy(observations, (o) => new Date(o.effectiveDateTime ?? '').getUTCFullYear());
  for (const [year, own] of [...years].slice(0, 5))
    expect(await total(`Observation?patient=${id}&date=${year}`)).toBe(own.length);
  const newest = await search(`Observation?patient=${id}&_sort=-date&_count=5`);
  const dates =
    newest.entry?.map((e) => Date.parse((e.resource as Observation).effectiveDateTime ?? '')) ?? [];
  expect(dates).toEqual([...dates].sort((a, b) => b - a));
  expect(dates[0]).toBe(Math.max(...observations.map((o) => Date.parse(o.effectiveDateTime ?? ''))));
}
