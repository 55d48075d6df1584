/** Labels of resources by operations. https://hl7.org/fhir/R4/resource-operation-meta.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Meta, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { searcher } from '../support/searcher.ts';
import { CLINIC, startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Of a doctor's app that was opened for the patient p1. */
let app: string;

const VIP = { system: 'http://x.example/tags', code: 'vip', display: 'Very important' };
const SECRET = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const PROFILE = 'http://x.example/StructureDefinition/p';

beforeAll(async () => {
  server = await startTestServer();
  const observation = (id: string, patient: string, meta: Meta) => ({
    resourceType: 'Observation',
    id,
    meta,
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value: 1 },
  });
  await searcher(server).store(
    { resourceType: 'Patient', id: 'p1', managingOrganization: { reference: CLINIC }, meta: { tag: [VIP] } },
    {
      resourceType: 'Patient',
      id: 'p2',
      managingOrganization: { reference: CLINIC },
      meta: { profile: [PROFILE] },
    },
    observation('o1', 'p1', { tag: [VIP] }),
    observation('o2', 'p2', { security: [SECRET] }),
  );
  await server.fhir('PUT', 'Observation/exact', {
    body: '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}',
  });
  app = await appToken(server, 'doctor', 'launch/patient patient/*.rs patient/Patient.u');
}, 30_000);
afterAll(() => server.close());

const input = (valueMeta: object) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta }],
});
const call = (method: string, path: string, options?: FhirOptions) => server.fhir(method, path, options);
async function metaOf(response: Response): Promise<Meta | undefined> {
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, '']);
  return ((await response.json()) as Parameters).parameter?.[0]?.valueMeta;
}

test('$meta tells the labels of a resource.', async () => {
  expect(await metaOf(await call('GET', 'Patient/p1/$meta'))).toMatchObject({ versionId: '1', tag: [VIP] });
  expect((await call('GET', 'Patient/none/$meta')).status).toBe(404);
});

test('$meta tells those in use of a type and of all, as far as the caller may search.', async () => {
  expect(await metaOf(await call('GET', 'Observation/$meta'))).toEqual({ tag: [VIP], security: [SECRET] });
  expect(await metaOf(await call('GET', '$meta'))).toEqual({
    profile: [PROFILE],
    tag: [VIP],
    security: [SECRET],
  });
  expect(await metaOf(await call('POST', '$meta', { token: app }))).toEqual({ tag: [VIP] });
  expect((await call('GET', 'Patient/p2/$meta', { token: app })).status).toBe(404);
  const other = await server.token('system/Patient.rs');
  expect((await call('GET', 'Observation/$meta', { token: other })).status).toBe(403);
});

test('$meta-add adds what is not there, in a new version that is found by it; decimals stay.', async () => {
  const path = 'Observation/exact';
  const added = await call('POST', `${path}/$meta-add`, {
    body: input({ tag: [VIP], profile: [PROFILE], security: [SECRET] }),
  });
  expect(added.headers.get('etag')).toBe('W/"2"');
  expect(await metaOf(added)).toMatchObject({ versionId: '2', tag: [VIP], profile: [PROFILE], security: [SECRET] }); // prettier-ignore
  const { ids } = searcher(server);
  expect(await ids('Observation?_tag=vip&_security=R')).toEqual(['exact']);
  expect(await (await call('GET', path)).text()).toContain('"valueQuantity":{"value":1.00}');
  expect(await (await call('GET', `${path}/_history/1`)).text()).not.toContain('vip');
});

test('What is there already, or not there, makes no new version.', async () => {
  const path = 'Observation/o1';
  const add = { body: input({ tag: [{ system: VIP.system, code: VIP.code }] }) };
  expect(await metaOf(await call('POST', `${path}/$meta-add`, add))).toMatchObject({ versionId: '1', tag: [VIP] }); // prettier-ignore
  const gone = { body: input({ tag: [{ code: VIP.code }], security: [SECRET] }) };
  expect(await metaOf(await call('POST', `${path}/$meta-delete`, gone))).toMatchObject({ versionId: '1' });
});

test('$meta-delete takes away, and only for the version that was seen.', async () => {
  const path = 'Patient/p2/$meta-delete';
  const body = input({ profile: [PROFILE] });
  const late = await call('POST', path, { body, headers: { 'If-Match': 'W/"7"' } });
  expect(late.status).toBe(412);
  const meta = await metaOf(await call('POST', path, { body, headers: { 'If-Match': 'W/"1"' } }));
  expect(meta).toEqual({ versionId: '2', lastUpdated: expect.any(String) });
  const after = (await (await call('GET', 'Patient/p2')).json()) as Resource;
  expect(after.meta).toEqual(meta);
});

test('Only who may change the resource may change its labels.', async () => {
  const body = input({ tag: [SECRET] });
  for (const [path, status] of [
    ['Patient/p2/$meta-add', 404],
    ['Observation/o1/$meta-add', 403],
    ['Patient/p1/$meta-add', 200],
  ] as const)
    expect([path, (await call('POST', path, { body, token: app })).status]).toEqual([path, status]);
  expect((await call('GET', 'Patient/p1/$meta-add')).status).toBe(405);
});

test.each([
  ['no body', undefined, 400, undefined],
  ['no meta', { resourceType: 'Parameters' }, 400, 'meta'],
  ['two metas', { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { profile: [PROFILE] } }, { name: 'meta', valueMeta: { profile: [PROFILE] } }] }, 400, 'Parameters.parameter[1]'],
  ['a version', input({ versionId: '7' }), 400, 'meta.versionId'],
  ['a value of another type', { resourceType: 'Parameters', parameter: [{ name: 'meta', valueString: 'x' }] }, 400, 'Parameters.parameter[0]'],
  ['an unknown element', input({ tags: [] }), 400, 'Parameters.parameter[0].valueMeta'],
  ['a code with blanks', input({ tag: [{ code: ' x ' }] }), 400, 'Parameters.parameter[0].valueMeta.tag[0].code'],
])('%s is refused with its place.', async (_, body, status, place) => {
  const response = await call('POST', 'Patient/p1/$meta-add', body === undefined ? {} : { body });
  const [issue] = ((await response.json()) as OperationOutcome).issue;
  expect([response.status, issue?.severity]).toEqual([status, 'error']);
  if (place !== undefined) expect(issue?.expression?.[0]).toContain(place);
}); // prettier-ignore

test('What takes too long to read is refused.', async () => {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    await client.query('begin; lock table fhir."Patient" in access exclusive mode');
    const response = await call('GET', 'Patient/$meta');
    const [issue] = ((await response.json()) as OperationOutcome).issue;
    expect([response.status, issue?.code]).toEqual([422, 'too-costly']);
  } finally {
    await client.end();
  }
});
