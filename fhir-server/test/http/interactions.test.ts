/** The interactions of one resource over HTTP: status, headers and outcome. https://hl7.org/fhir/R4/http.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ BODY_SIZE_MAX_BYTES: '200000' });
}, 30_000);
afterAll(() => server.close());

const patient = (rest: object = {}): object => ({
  resourceType: 'Patient',
  name: [{ family: 'Ärmel' }],
  ...rest,
});
const json = async <T>(response: Response): Promise<T> => (await response.json()) as T;
const create = async (resource: object): Promise<Resource> =>
  json(await server.fhir('POST', (resource as Resource).resourceType, { body: resource }));
const refusal = async (response: Response) => {
  const { resourceType, issue } = await json<OperationOutcome>(response);
  expect(resourceType).toBe('OperationOutcome');
  return { status: response.status, code: issue[0]?.code, at: issue[0]?.expression?.[0] };
};

test('A created resource has an id, a version and a location, and is read as the bytes that were sent back.', async () => {
  const response = await server.fhir('POST', 'Patient', { body: patient() });
  expect(response.status).toBe(201);
  expect(response.headers.get('etag')).toBe('W/"1"');
  const text = await response.text();
  const { id } = JSON.parse(text) as Patient;
  expect(response.headers.get('location')).toBe(`${server.fhirBase}/Patient/${id}/_history/1`);
  const read = await server.fhir('GET', `Patient/${id}`);
  expect(await read.text()).toBe(text);
  expect(read.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  expect(Date.parse(read.headers.get('last-modified') ?? '')).not.toBeNaN();
});

test('An update makes a version, keeps the one before, and refuses a stale If-Match.', async () => {
  const { id } = await create(patient());
  const update = await server.fhir('PUT', `Patient/${id}`, {
    body: patient({ id, active: true }),
    headers: { 'If-Match': 'W/"1"' },
  });
  expect([update.status, update.headers.get('etag')]).toEqual([200, 'W/"2"']);
  const stale = await server.fhir('PUT', `Patient/${id}`, {
    body: patient({ id }),
    headers: { 'If-Match': 'W/"1"' },
  });
  expect(stale.status).toBe(412);
  expect(await json(await server.fhir('GET', `Patient/${id}/_history/1`))).not.toHaveProperty('active');
  const history = await json<Bundle>(await server.fhir('GET', `Patient/${id}/_history`));
  expect(history.entry?.map((e) => e.response?.etag)).toEqual(['W/"2"', 'W/"1"']);
});

test('An update with an id of the client’s creates; with If-None-Match: * only once.', async () => {
  const options: FhirOptions = { body: patient({ id: 'own-id' }), headers: { 'If-None-Match': '*' } };
  expect((await server.fhir('PUT', 'Patient/own-id', options)).status).toBe(201);
  expect((await server.fhir('PUT', 'Patient/own-id', options)).status).toBe(412);
  expect((await server.fhir('PUT', 'Patient/own-id', { body: patient({ id: 'other' }) })).status).toBe(400);
});

test('A deleted resource is gone, its versions stay, and it can be brought back.', async () => {
  const { id } = await create(patient());
  expect((await server.fhir('DELETE', `Patient/${id}`)).status).toBe(204);
  expect((await server.fhir('DELETE', `Patient/${id}`)).status).toBe(204);
  expect((await server.fhir('GET', `Patient/${id}`)).status).toBe(410);
  expect((await server.fhir('GET', `Patient/${id}/_history/1`)).status).toBe(200);
  expect((await server.fhir('GET', `Patient/${id}/_history/2`)).status).toBe(410);
  const found = await json<Bundle>(await server.fhir('GET', `Patient?_id=${id}`));
  expect(found.entry).toBeUndefined();
  expect((await server.fhir('PUT', `Patient/${id}`, { body: patient({ id }) })).status).toBe(201);
});

test('Conditional reads answer 304, conditional creates the one that is there.', async () => {
  const identifier = [{ system: 'urn:x', value: 'conditional' }];
  const headers = { 'If-None-Exist': 'identifier=urn:x|conditional' };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      server.fhir('POST', 'Patient', { body: patient({ identifier }), headers }),
    ),
  );
  expect(answers.map((a) => a.status).sort()).toEqual([200, 200, 200, 200, 201]);
  const { id } = await json<Patient>(answers[0]!);
  expect((await server.fhir('GET', `Patient/${id}`, { headers: { 'If-None-Match': 'W/"1"' } })).status).toBe(
    304,
  );
  expect((await server.fhir('GET', `Patient/${id}`, { headers: { 'If-None-Match': 'W/"9"' } })).status).toBe(
    200,
  );
});

test('Concurrent updates lose nothing: each makes a version of its own.', async () => {
  const { id } = await create(patient());
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      server.fhir('PUT', `Patient/${id}`, { body: patient({ id, language: `en-x-${i}` }) }),
    ),
  );
  expect(new Set(answers.map((a) => a.headers.get('etag'))).size).toBe(8);
});

test('The client’s preference decides what a write answers, and _pretty how.', async () => {
  const minimal = await server.fhir('POST', 'Patient', {
    body: patient(),
    headers: { Prefer: 'return=minimal' },
  });
  expect([minimal.status, await minimal.text()]).toEqual([201, '']);
  const outcome = await server.fhir('POST', 'Patient', {
    body: patient(),
    headers: { Prefer: 'return=OperationOutcome' },
  });
  expect(await json<OperationOutcome>(outcome)).toMatchObject({ resourceType: 'OperationOutcome' });
  expect(await (await server.fhir('GET', 'Patient/own-id?_pretty=true')).text()).toContain(
    '\n  "resourceType"',
  );
});

describe('Refused is', () => {
  const cases: [string, string, string, FhirOptions, object][] = [
    ['what is not JSON', 'POST', 'Patient', { body: '{"resourceType":' }, { status: 400, code: 'invalid' }],
    ['what is not UTF-8', 'POST', 'Patient', { body: new Uint8Array([0x22, 0xff, 0x22]) }, { status: 400 }],
    [
      'a body of another type',
      'POST',
      'Patient',
      { body: { resourceType: 'Group' } },
      { status: 400, at: 'Patient.resourceType' },
    ],
    [
      'a faulty element, with its place',
      'POST',
      'Patient',
      { body: patient({ birthDate: '2023-02-30' }) },
      { status: 400, code: 'value', at: 'Patient.birthDate' },
    ],
    ['a body that is too large', 'POST', 'Patient', { body: 'x'.repeat(200_001) }, { status: 413 }],
    ['deep nesting', 'POST', 'Patient', { body: '['.repeat(90_000) }, { status: 400 }],
    [
      'Turtle',
      'POST',
      'Patient',
      { body: '<Patient>', headers: { 'Content-Type': 'application/fhir+turtle' } },
      { status: 415 },
    ],
    [
      'a wish for Turtle',
      'GET',
      'Patient/own-id',
      { headers: { Accept: 'application/fhir+turtle' } },
      { status: 406 },
    ],
    [
      'another version of FHIR',
      'GET',
      'Patient/own-id',
      { headers: { Accept: 'application/fhir+json; fhirVersion=5.0' } },
      { status: 406 },
    ],
    ['an unknown type', 'GET', 'Patent/1', {}, { status: 404 }],
    ['an unknown id', 'GET', 'Patient/none', {}, { status: 404, code: 'not-found' }],
    ['a malformed id', 'GET', 'Patient/a_b', {}, { status: 400 }],
    ['a method that is not there', 'POST', 'Patient/own-id', { body: {} }, { status: 405 }],
    [
      'a patch that is neither',
      'PATCH',
      'Patient/own-id',
      { body: 'x', headers: { 'Content-Type': 'text/plain' } },
      { status: 415 },
    ],
    ['no token', 'GET', 'Patient/own-id', { token: null }, { status: 401, code: 'login' }],
    ['a wrong token', 'GET', 'Patient/own-id', { token: 'nonsense' }, { status: 401 }],
    [
      'an unknown parameter, if strict',
      'GET',
      'Patient?nonsense=1',
      { headers: { Prefer: 'handling=strict' } },
      { status: 400, at: 'nonsense' },
    ],
    ['a malformed date', 'GET', 'Patient?birthdate=2023-02-30', {}, { status: 400, at: 'birthdate' }],
    [
      'a page link that was changed',
      'GET',
      'Patient?_cursor=AAAAAAAAAAAAAAAAAAAAAAAAWyJhIl0',
      {},
      { status: 400 },
    ],
  ];
  test.each(cases)('%s', async (_title, method, path, options, expected) => {
    expect(await refusal(await server.fhir(method, path, options))).toMatchObject(expected);
  });

  test('a request without a token, with a challenge', async () => {
    const response = await server.fhir('GET', 'Patient', { token: null });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('what is outside the scope, with 403', async () => {
    const token = await server.token('system/Patient.r');
    expect((await server.fhir('GET', 'Patient/own-id', { token })).status).toBe(200);
    expect((await server.fhir('GET', 'Patient', { token })).status).toBe(403);
    expect((await server.fhir('GET', 'Observation/x', { token })).status).toBe(403);
    expect(
      (await server.fhir('PUT', 'Patient/own-id', { token, body: patient({ id: 'own-id' }) })).status,
    ).toBe(403);
  });
});

test('Binary content is stored as it came and read in ranges; as a resource it has its data.', async () => {
  const body = new Uint8Array(50_000).map((_, i) => i % 251);
  const created = await server.fhir('POST', 'Binary', { body, headers: { 'Content-Type': 'audio/wav' } });
  expect(created.status).toBe(201);
  const { id } = await json<Resource>(created);
  const whole = await server.fhir('GET', `Binary/${id}`);
  expect(whole.headers.get('content-type')).toBe('audio/wav');
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(body);
  const part = await server.fhir('GET', `Binary/${id}`, { headers: { Range: 'bytes=10-19' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/50000']);
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(body.slice(10, 20));
  expect((await server.fhir('GET', `Binary/${id}`, { headers: { Range: 'bytes=60000-' } })).status).toBe(416);
  const resource = await server.fhir('GET', `Binary/${id}`, { headers: { Accept: 'application/fhir+json' } });
  expect(await json(resource)).toMatchObject({ data: Buffer.from(body).toString('base64') });
});

test('The CapabilityStatement is public and claims what is there.', async () => {
  const response = await server.fhir('GET', 'metadata', { token: null });
  const { rest, fhirVersion } = await json<CapabilityStatement>(response);
  expect(fhirVersion).toBe('4.0.1');
  const claimed = rest?.[0]?.resource ?? [];
  expect(claimed.length).toBeGreaterThan(140);
  const ofAllTypes = rest?.[0]?.searchParam?.map((p) => p.name) ?? [];
  expect(ofAllTypes).toEqual(expect.arrayContaining(['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag'])); // prettier-ignore
  for (const name of ofAllTypes.filter((n) => n !== '_type')) {
    const value = name === '_lastUpdated' ? '2020' : name === '_filter' ? '_id eq a' : 'a';
    const asked = name === '_has' ? '_has:Provenance:target:_id' : name;
    const found = await server.fhir('GET', `?_type=Patient,Observation&${asked}=${value}`, {
      headers: { Prefer: 'handling=strict' },
    });
    expect(`${name} ${found.status}`).toBe(`${name} 200`);
  }
  const everything = (type: string) =>
    claimed.find((r) => r.type === type)?.operation?.find((o) => o.name === 'everything')?.definition;
  expect(['Patient', 'Encounter', 'Group'].map(everything)).toEqual([
    'http://hl7.org/fhir/OperationDefinition/Patient-everything',
    'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
    undefined,
  ]);
  const types = ['Observation', 'Encounter', 'Media', 'Immunization', 'Location', 'Basic'];
  for (const { type, searchParam = [], searchInclude, searchRevInclude } of claimed.filter((r) =>
    types.includes(r.type ?? ''),
  )) {
    for (const { name, type: kind } of searchParam) {
      const own = {
        _filter: '_id eq a',
        near: '50|8',
        'code-value-quantity': 'a$5',
        'combo-code-value-quantity': 'a$5',
        'component-code-value-quantity': 'a$5',
        'code-value-date': 'a$2020',
      }[name ?? ''];
      const value =
        own ??
        { number: '5', date: '2020', quantity: '5', reference: 'Patient/1', composite: 'a$a' }[
          kind as 'date'
        ] ??
        'a';
      if (name === '_has') continue;
      const found = await server.fhir('GET', `${type}?${name}=${value}&_count=1`, {
        headers: { Prefer: 'handling=strict' },
      });
      expect(`${type}?${name} ${found.status}`).toBe(`${type}?${name} 200`);
    }
    for (const [name, values] of [['_include', searchInclude], ['_revinclude', searchRevInclude]] as const)
      for (const value of values ?? []) {
        const found = await server.fhir('GET', `${type}?${name}=${value}&_count=1`);
        expect(`${type}?${name}=${value} ${found.status}`).toBe(`${type}?${name}=${value} 200`);
      } // prettier-ignore
  }
});

test('fhir-kit-client, unmodified, reads and searches.', async () => {
  const client = new Client({ baseUrl: server.fhirBase });
  client.bearerToken = await server.token('system/Patient.rs');
  expect(await client.read({ resourceType: 'Patient', id: 'own-id' })).toMatchObject({ id: 'own-id' });
  const found = await client.search({ resourceType: 'Patient', searchParams: { family: 'arm', _count: 2 } });
  expect((found as unknown as Bundle).entry).toHaveLength(2);
  const { authorizeUrl } = (await client.smartAuthMetadata()) as { authorizeUrl?: URL };
  expect(String(authorizeUrl)).toBe(`${server.baseUrl}/oauth2/authorize`);
});
