/** PATCH over HTTP, in both forms. https://hl7.org/fhir/R4/http.html#patch */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ BODY_SIZE_MAX_BYTES: '200000' });
  await server.fhir('PUT', 'Observation/o', { body: OBSERVATION });
}, 30_000);
afterAll(() => server.close());

const OBSERVATION =
  '{"resourceType":"Observation","id":"o","status":"preliminary","code":{"text":"x"},"subject":{"reference":"Patient/p"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.00}},{"code":{"text":"b"},"valueQuantity":{"value":2.50}}]}';
const JSON_PATCH = 'application/json-patch+json';

const patch = (id: string, body: unknown, type = JSON_PATCH, options: FhirOptions = {}) =>
  server.fhir('PATCH', `Observation/${id}`, {
    ...options,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Content-Type': type, ...options.headers },
  });
const version = async (): Promise<string | null> =>
  (await server.fhir('GET', 'Observation/o')).headers.get('etag');
const fhirPath = (type: string, path: string, ...rest: object[]): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...rest],
    },
  ],
});

test('JSON Patch changes what it names, and decimals stay as they were written.', async () => {
  const body =
    '[{"op":"test","path":"/component/1/valueQuantity/value","value":2.5},{"op":"move","from":"/component/1","path":"/component/0"},{"op":"add","path":"/valueQuantity","value":{"value":3.10}},{"op":"replace","path":"/status","value":"final"}]';
  const response = await patch('o', body);
  expect([response.status, response.headers.get('etag')]).toEqual([200, 'W/"2"']);
  const text = await response.text();
  expect(text).toContain(
    '"component":[{"code":{"text":"b"},"valueQuantity":{"value":2.50}},{"code":{"text":"a"},"valueQuantity":{"value":1.00}}],"valueQuantity":{"value":3.10}}',
  );
  expect(await (await server.fhir('GET', 'Observation/o')).text()).toBe(text);
  const found = await server.fhir('GET', 'Observation?status=final');
  expect(await found.json()).toMatchObject({ entry: [{ resource: { id: 'o' } }] });
});

test('FHIRPath Patch does too.', async () => {
  const document = fhirPath('delete', "Observation.component.where(code.text = 'b')");
  const response = await patch('o', document, 'application/fhir+json');
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(
    '"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.00}}]',
  );
});

test('Prefer and If-Match are kept.', async () => {
  const body = [{ op: 'add', path: '/language', value: 'en' }];
  const current = await version();
  expect((await patch('o', body, JSON_PATCH, { headers: { 'If-Match': 'W/"1"' } })).status).toBe(412);
  const options = { headers: { 'If-Match': current ?? '', Prefer: 'return=minimal' } };
  const response = await patch('o', body, JSON_PATCH, options);
  expect([response.status, await response.text()]).toEqual([200, '']);
});

describe('Refused is, and nothing changes', () => {
  const cases: readonly (readonly [string, unknown, string, number, string | undefined])[] = [
    ['a failed test', [{ op: 'remove', path: '/component' }, { op: 'test', path: '/id', value: 'q' }], JSON_PATCH, 422, 'patch[1]'],
    ['an invalid result', [{ op: 'remove', path: '/code' }], JSON_PATCH, 400, 'Observation.code'],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Patient' }], JSON_PATCH, 400, 'Observation.resourceType'],
    ['another id', [{ op: 'replace', path: '/id', value: 'q' }], JSON_PATCH, 400, 'Observation.id'],
    ['no id', [{ op: 'remove', path: '/id' }], JSON_PATCH, 400, 'Observation.id'],
    ['an array turned into an object', [{ op: 'replace', path: '/component', value: {} }], JSON_PATCH, 400, 'Observation.component'],
    ['a pointer into the prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], JSON_PATCH, 400, 'patch[0].path'],
    ['no JSON', '[', JSON_PATCH, 400, 'http.body'],
    ['no body', '', JSON_PATCH, 400, 'http.body'],
    ['a resource', OBSERVATION, 'application/fhir+json', 400, 'Parameters'],
    ['a merge patch', {}, 'application/merge-patch+json', 415, 'http.Content-Type'],
    ['an expression that never ends', fhirPath('delete', `Observation.${'repeat(descendants()).'.repeat(200)}id`), 'application/fhir+json', 400, 'Parameters.parameter[0]'],
  ]; // prettier-ignore
  test.each(cases)('%s', async (_title, body, type, status, place) => {
    const before = await version();
    const response = await patch('o', body, type);
    const { issue } = (await response.json()) as OperationOutcome;
    expect([response.status, issue[0]?.expression?.[0]]).toEqual([status, place]);
    if (status === 415) expect(response.headers.get('accept-patch')).toContain(JSON_PATCH);
    expect(await version()).toBe(before);
  });

  test('what is not there, or was deleted', async () => {
    expect((await patch('none', [])).status).toBe(404);
    await server.fhir('PUT', 'Observation/gone', { body: OBSERVATION.replace('"id":"o"', '"id":"gone"') });
    await server.fhir('DELETE', 'Observation/gone');
    expect((await patch('gone', [])).status).toBe(410);
  });

  test('what the caller may not see, and what he may not make of what he sees', async () => {
    const token = await server.token('system/Observation.cruds?status=final');
    const hidden = OBSERVATION.replace('"id":"o"', '"id":"hidden"');
    await server.fhir('PUT', 'Observation/hidden', { body: hidden });
    expect(
      (await patch('hidden', [{ op: 'replace', path: '/status', value: 'final' }], JSON_PATCH, { token }))
        .status,
    ).toBe(404);
    expect(
      (await patch('o', [{ op: 'replace', path: '/status', value: 'amended' }], JSON_PATCH, { token }))
        .status,
    ).toBe(403);
    const reader = await server.token('system/Observation.rs');
    expect((await patch('o', [], JSON_PATCH, { token: reader })).status).toBe(403);
  });
});

test('Patches of one resource that come at once are applied one after the other.', async () => {
  await server.fhir('PUT', 'Observation/race', { body: OBSERVATION.replace('"id":"o"', '"id":"race"') });
  const add = { op: 'add', path: '/component/-', value: { code: { text: 'c' }, valueInteger: 1 } };
  const all = await Promise.all(Array.from({ length: 10 }, () => patch('race', [add])));
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  const { component } = (await (await server.fhir('GET', 'Observation/race')).json()) as {
    component: unknown[];
  };
  expect(component).toHaveLength(12);
});

describe('Encodings of bodies', () => {
  const send = (body: Uint8Array<ArrayBuffer>, encoding: string) =>
    server.fhir('PUT', 'Observation/z', { body, headers: { 'Content-Encoding': encoding } });
  const bytes = new Uint8Array(gzipSync(OBSERVATION.replace('"id":"o"', '"id":"z"')));

  test('gzip is read.', async () => {
    expect((await send(bytes, 'gzip')).status).toBe(201);
  });

  test.each([
    ['an unknown one', bytes, 'zstd-x', 415],
    ['one that is none', bytes.slice(5), 'gzip', 400],
    ['one that ends too early', bytes.slice(0, -12), 'gzip', 400],
    ['one that swells', new Uint8Array(gzipSync(' '.repeat(50_000_000))), 'gzip', 413],
  ])('%s is refused.', async (_title, body, encoding, status) => {
    const response = await send(body, encoding);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { resourceType: 'OperationOutcome' },
    ]);
    expect((await server.fhir('GET', 'Observation/o')).status).toBe(200);
  });
});
