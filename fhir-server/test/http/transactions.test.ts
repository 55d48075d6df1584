/** The rules of transactions and batches beyond what bundles.test.ts asks. https://hl7.org/fhir/R4/http.html#trules */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  BundleEntry,
  DocumentReference,
  Observation,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ CONDITIONAL_DELETE_MAX: '5' });
}, 30_000);
afterAll(() => server.close());

const SYSTEM = 'urn:test';
const URN = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';

const send = async (entry: readonly object[], prefer?: string, type = 'transaction') => {
  const headers = prefer === undefined ? {} : { Prefer: prefer };
  const body = { resourceType: 'Bundle', type, entry };
  const response = await server.fhir('POST', '', { body, headers });
  const answer = (await response.json()) as Bundle;
  return { status: response.status, body: answer, entries: answer.entry ?? [] };
};
const statuses = ({ entries }: { entries: readonly BundleEntry[] }) =>
  entries.map((e) => Number(e.response?.status?.slice(0, 3)));
const entry = (method: string, url: string, resource?: object, rest: object = {}): object => ({
  request: { method, url, ...rest },
  ...(resource !== undefined && { resource }),
});
const read = async <T extends Resource>(path: string): Promise<T> =>
  (await (await server.fhir('GET', path)).json()) as T;
const status = async (path: string): Promise<number> => (await server.fhir('GET', path)).status;
const patient = (value: string, rest: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: SYSTEM, value }],
  ...rest,
});
const query = (value: string): string => `Patient?identifier=${SYSTEM}|${value}`;
const observation = (reference: string, rest: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference },
  ...rest,
});
const jsonPatch = (...operations: object[]): object => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

test('Entries are worked on in the order DELETE, POST, PUT and PATCH, GET, and answered in their own.', async () => {
  await send([
    entry('PUT', 'Patient/old', patient('order', { id: 'old' })),
    entry('PUT', 'Patient/p', patient('p', { id: 'p' })),
  ]);
  const answer = await send([
    entry('GET', `${query('order')}&_elements=id`),
    entry('PATCH', 'Patient/p', jsonPatch({ op: 'add', path: '/active', value: true })),
    entry('POST', 'Patient', patient('order'), { ifNoneExist: `identifier=${SYSTEM}|order` }),
    entry('PUT', 'Patient/put', patient('put', { id: 'put' })),
    entry('GET', 'Patient/p'),
    entry('DELETE', 'Patient/old'),
  ]);
  expect(statuses(answer)).toEqual([200, 200, 201, 201, 200, 204]);
  const made = answer.entries[2]?.resource as Patient;
  expect((answer.entries[0]?.resource as Bundle).entry?.map((e) => e.resource?.id)).toEqual([made.id]);
  expect(answer.entries[4]?.resource).toMatchObject({ id: 'p', active: true });
  expect(await status('Patient/old')).toBe(410);
});

describe('Conditions in a transaction', () => {
  test('decide what is made, changed and deleted.', async () => {
    await send(['c1', 'c2', 'c3', 'c3'].map((value) => entry('POST', 'Patient', patient(value))));
    const answer = await send([
      { ...entry('PUT', query('c0'), patient('c0')), fullUrl: URN },
      entry('PUT', query('c1'), patient('c1', { active: false })),
      entry('PATCH', query('c2'), jsonPatch({ op: 'add', path: '/active', value: true })),
      entry('DELETE', query('c3')),
      entry('POST', 'Observation', observation(URN)),
      entry('POST', 'Observation', observation(query('c1'))),
    ]);
    expect(statuses(answer)).toEqual([201, 200, 200, 204, 201, 201]);
    const [made, changed, patched, , first, second] = answer.entries.map((e) => e.resource as Observation);
    expect(first?.subject?.reference).toBe(`Patient/${made?.id}`);
    expect(second?.subject?.reference).toBe(`Patient/${changed?.id}`);
    expect(patched).toMatchObject({ active: true, meta: { versionId: '2' } });
    expect((await read<Bundle>(query('c3'))).entry).toBeUndefined();
  });

  test('make a reference to what an entry makes on the same condition.', async () => {
    const condition = `identifier=${SYSTEM}|same`;
    const entries = [
      entry('POST', 'Observation', observation(`Patient?${condition}`)),
      entry('POST', 'Patient', patient('same'), { ifNoneExist: condition }),
    ];
    for (const expected of [201, 200]) {
      const answer = await send(entries);
      expect(statuses(answer)).toEqual([201, expected]);
      const [made, whose] = answer.entries.map((e) => e.resource);
      expect((made as Observation).subject?.reference).toBe(`Patient/${whose?.id}`);
    }
  });

  test('of an update with an id of its own are found under that id.', async () => {
    const own = { ...entry('PUT', query('own'), patient('own', { id: 'own' })), fullUrl: URN };
    const answer = await send([own, entry('POST', 'Observation', observation(URN))]);
    expect((answer.entries[1]?.resource as Observation).subject?.reference).toBe('Patient/own');
  });

  const undone = entry('PUT', 'Patient/undone', patient('undone', { id: 'undone' }));
  test.each([
    ['the same condition twice', [entry('POST', 'Patient', patient('t'), { ifNoneExist: 'identifier=t' }), entry('POST', 'Patient', patient('t'), { ifNoneExist: 'identifier=t' })], 400], // prettier-ignore
    ['a condition that leads to what another entry writes', [entry('PUT', query('c1'), patient('c1')), entry('PATCH', 'Patient?identifier=c1', jsonPatch())], 400], // prettier-ignore
    ['a delete and an update of the same', [entry('DELETE', query('p')), entry('PUT', 'Patient/p', patient('p', { id: 'p' }))], 400], // prettier-ignore
    ['a patch of nothing', [entry('PATCH', query('nothing'), jsonPatch())], 404],
    ['a patch that does not apply', [entry('PATCH', 'Patient/p', jsonPatch({ op: 'test', path: '/id', value: 'q' }))], 422], // prettier-ignore
    ['a patch that is none', [entry('PATCH', 'Patient/p', patient('p'))], 400],
    ['several matches of an update', [entry('PUT', 'Patient?identifier:missing=false', patient('x'))], 412],
    ['an empty condition', [entry('DELETE', 'Patient?')], 400],
    ['a faulty condition', [entry('DELETE', 'Patient?nosuch=x')], 400],
    ['a conditional reference to no type', [entry('POST', 'Observation', observation('Nothing?x=y'))], 400],
    ['a conditional reference that asks for nothing', [entry('POST', 'Observation', observation('Patient?_count=1'))], 400], // prettier-ignore
  ])('refuse %s, and nothing is written.', async (_title, entries, expected) => {
    const answer = await send([undone, ...entries]);
    expect([answer.status, answer.body.resourceType]).toEqual([expected, 'OperationOutcome']);
    expect(await status('Patient/undone')).toBe(404);
  });
});

describe('References between entries', () => {
  const links = (...refs: string[]): object => ({
    status: 'generated',
    div: `<div xmlns="http://www.w3.org/1999/xhtml">${refs.map((r) => `<a href="${r}">x</a><img src='${r}' alt=""/>`).join('')}<p>${URN}</p></div>`,
  });
  const document = (rest: object): object => ({
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { contentType: 'text/plain', url: URN } }],
    ...rest,
  });

  test('are found in attachments, extensions, contained resources and the narrative.', async () => {
    const answer = await send([
      { ...entry('POST', 'Patient', patient('refs')), fullUrl: URN },
      entry(
        'POST',
        'DocumentReference',
        document({
          text: links(URN, 'https://example.org/x'),
          contained: [observation(URN, { id: 'c' })],
          extension: [{ url: 'https://example.org/x', valueReference: { reference: URN } }],
          subject: { reference: URN },
          masterIdentifier: { system: 'urn:ietf:rfc:3986', value: URN },
          related: undefined,
          context: { related: [{ reference: '#c' }] },
        }),
      ),
    ]);
    expect(answer.status).toBe(200);
    const [{ id = '' }, doc] = answer.entries.map((e) => e.resource) as [Patient, DocumentReference];
    const whose = `Patient/${id}`;
    expect(doc.subject?.reference).toBe(whose);
    expect(doc.content[0]?.attachment.url).toBe(whose);
    expect(doc.extension?.[0]?.valueReference?.reference).toBe(whose);
    expect((doc.contained?.[0] as Observation).subject?.reference).toBe(whose);
    expect(doc.text?.div).toContain(`<a href="${whose}">x</a><img src="${whose}" alt=""/>`);
    expect(doc.text?.div).toContain('<a href="https://example.org/x">');
    // Text that no element of a link is stays as it was said.
    expect(doc.text?.div).toContain(`<p>${URN}</p>`);
    expect(doc.masterIdentifier?.value).toBe(URN);
  });

  test('by absolute URLs, and by relative ones below the base of the entry, lead to what is made.', async () => {
    const base = 'https://elsewhere.example/fhir';
    const answer = await send([
      { ...entry('POST', 'Patient', patient('abs')), fullUrl: `${base}/Patient/7` },
      { ...entry('POST', 'Observation', observation('Patient/7')), fullUrl: `${base}/Observation/1` },
      entry('POST', 'Observation', observation(`${base}/Patient/7`)),
      entry('POST', 'Observation', observation(`${base}/Patient/8`)),
      entry('POST', 'Observation', observation('Patient/7')),
    ]);
    const [made, ...others] = answer.entries.map((e) => e.resource as Observation);
    const whose = `Patient/${made?.id}`;
    expect(others.map((o) => o.subject?.reference)).toEqual([whose, whose, `${base}/Patient/8`, 'Patient/7']);
  });
});

describe('Prefer', () => {
  const entries = (id: string): object[] => [
    entry('PUT', `Patient/${id}`, patient(id, { id })),
    entry('GET', `Patient/${id}`),
  ];

  test.each(['transaction', 'batch'])(
    'return=minimal and return=OperationOutcome hold for the writes of a %s.',
    async (type) => {
      const minimal = await send(entries('m'), 'return=minimal', type);
      expect(minimal.entries.map((e) => e.resource?.resourceType)).toEqual([undefined, 'Patient']);
      const outcome = await send(entries('m'), 'return=OperationOutcome', type);
      expect(outcome.entries.map((e) => e.resource?.resourceType)).toEqual([undefined, 'Patient']);
      expect(outcome.entries[0]?.response?.outcome).toMatchObject({ resourceType: 'OperationOutcome' });
    },
  );
});

test('A batch has conditions and patches too, and each entry stands for itself.', async () => {
  const answer = await send(
    [
      entry('PUT', query('b1'), patient('b1')),
      entry('PATCH', query('b1'), jsonPatch({ op: 'replace', path: '/identifier/0/value', value: 'b2' })),
      entry('DELETE', query('b1')),
      entry('DELETE', 'Patient'),
      entry('PATCH', query('b2'), patient('b2')),
      entry('HEAD', query('b2')),
      entry('TRACE', 'Patient/1'),
      entry('DELETE', query('b2')),
    ],
    undefined,
    'batch',
  );
  expect(statuses(answer)).toEqual([201, 200, 204, 400, 400, 200, 400, 204]);
  expect(answer.entries[5]?.resource).toBeUndefined();
  expect(answer.entries[4]?.response?.outcome).toMatchObject({
    issue: [{ expression: ['Bundle.entry[4].resource'] }],
  });
});
