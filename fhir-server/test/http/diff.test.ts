/** $diff over HTTP. https://hl7.org/fhir/R4/fhirpatch.html */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome, Parameters } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;

const put = async (path: string, body: string): Promise<void> => {
  const response = await server.fhir('PUT', path, { body });
  expect([path, response.ok]).toEqual([path, true]);
};
const observation = (id: string, rest: string): string =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"x"}${rest}}`;

beforeAll(async () => {
  server = await startTestServer();
  await put(
    'Patient/p1',
    '{"resourceType":"Patient","id":"p1","managingOrganization":{"reference":"Organization/o"}}',
  );
  await put('Observation/o', observation('o', ',"valueQuantity":{"value":1.0}'));
  await put(
    'Observation/o',
    observation('o', ',"meta":{"tag":[{"code":"t"}]},"valueQuantity":{"value":1.00}'),
  );
  await put('Observation/o', observation('o', ',"valueString":"x","subject":{"reference":"Patient/p1"}'));
  await put('Observation/other', observation('other', ',"note":[{"text":"n"}]'));
}, 30_000);
afterAll(() => server.close());

const ask = (path: string, options?: FhirOptions) => server.fhir('GET', path, options);
async function paths(path: string, options?: FhirOptions): Promise<unknown[]> {
  const response = await ask(path, options);
  expect([path, response.status]).toEqual([path, 200]);
  const { parameter = [] } = (await response.json()) as Parameters;
  return parameter.map(({ part }) => part?.slice(0, 2).map((p) => p.valueCode ?? p.valueString));
}

test('the current version is compared with the one before it, or with any.', async () => {
  expect(await paths('Observation/o/$diff')).toEqual([
    ['add', 'Observation'],
    ['replace', 'Observation.value'],
  ]);
  const text = await (await ask('Observation/o/$diff?fromVersion=1&toVersion=2')).text();
  expect(text).toContain('{"name":"previousValue","valueDecimal":1.0},{"name":"value","valueDecimal":1.00}');
  expect(await paths('Observation/o/$diff?fromVersion=1&toVersion=2&includeMeta=true')).toContainEqual(['add', 'Observation.meta']); // prettier-ignore
  expect(await paths('Observation/o/$diff?fromVersion=3')).toEqual([]);
});

test('what it answers is a patch that makes the later of the earlier.', async () => {
  const patch = await (await ask('$diff?from=Observation/o&to=Observation/other')).json();
  const patched = await server.fhir('PATCH', 'Observation/o', {
    body: JSON.stringify(patch),
    headers: { 'Content-Type': 'application/fhir+json', 'If-Match': 'W/"3"' },
  });
  expect(patched.status).toBe(200);
  expect(await paths('$diff?from=Observation/o&to=Observation/other')).toEqual([]);
  const named = { resourceType: 'Parameters', parameter: [{ name: 'from', valueString: `${server.fhirBase}/Observation/o/_history/1` }, { name: 'to', valueString: 'Observation/o/_history/3' }] }; // prettier-ignore
  expect((await server.fhir('POST', '$diff', { body: named })).status).toBe(200);
});

test('only what the caller may read is compared.', async () => {
  const token = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
  expect((await ask('Observation/other/$diff', { token })).status).toBe(404);
  expect((await ask('$diff?from=Patient/p1&to=Patient/p2', { token })).status).toBe(404);
  expect((await ask('Observation/o/$diff?fromVersion=1&toVersion=2', { token })).status).toBe(404);
  const none = await server.token('system/Patient.rs');
  expect((await ask('Observation/o/$diff', { token: none })).status).toBe(403);
});

test.each([
  ['Observation/none/$diff', 404, undefined],
  ['Observation/other/$diff', 400, 'fromVersion'],
  ['Observation/o/$diff?fromVersion=99', 404, undefined],
  ['Observation/o/$diff?fromVersion=x', 404, undefined],
  ['Observation/o/$diff?includeMeta=maybe', 400, 'includeMeta'],
  ['$diff', 400, 'from'],
  ['$diff?from=Observation/o', 400, 'to'],
  ['$diff?from=Observation/o&to=Patient/p1', 400, 'to'],
  ['$diff?from=Nothing/o&to=Nothing/p1', 400, 'from'],
  ['$diff?from=https://elsewhere.example/Observation/o&to=Observation/o', 400, 'from'],
])('%s is refused.', async (path, status, place) => {
  const response = await ask(path);
  const { issue } = (await response.json()) as OperationOutcome;
  expect([response.status, place === undefined ? undefined : issue[0]?.expression?.[0]]).toEqual([
    status,
    place,
  ]);
});

test('a version that is a deletion is gone.', async () => {
  await put('Basic/b', '{"resourceType":"Basic","id":"b","code":{"text":"x"}}');
  await server.fhir('DELETE', 'Basic/b');
  expect((await ask('Basic/b/$diff')).status).toBe(410);
  expect((await ask('Basic/b/$diff?fromVersion=1&toVersion=2')).status).toBe(410);
});
