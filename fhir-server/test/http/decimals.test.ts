/** Decimals keep their precision on every way out. https://hl7.org/fhir/R4/datatypes.html#decimal */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
}, 30_000);
afterAll(() => server.close());

const VALUES = ['1.00', '0.0', '1E3', '98.60', '0.00000001', '3.14159265358979323846'] as const;

const observation = (id: string, value: string): string =>
  `{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value},"unit":"mg"}}`;

test.each(VALUES.map((value, i) => [value, `o${i}`] as const))('%s stays %s.', async (value, id) => {
  const written = await server.fhir('PUT', `Observation/${id}`, { body: observation(id, value) });
  expect(written.status).toBe(201);
  const sent = `"value":${value},"unit"`;
  expect(await written.text()).toContain(sent);
  for (const path of [
    `Observation/${id}`,
    `Observation/${id}/_history/1`,
    `Observation/${id}/_history`,
    `Observation?_id=${id}`,
    `Observation?_id=${id}&_elements=value`,
    `Observation/${id}?_summary=data`,
  ])
    expect([path, await (await server.fhir('GET', path)).text()]).toEqual([
      path,
      expect.stringContaining(sent),
    ]);
  const pretty = await (await server.fhir('GET', `Observation/${id}?_pretty=true`)).text();
  expect(pretty).toContain(`"value": ${value},\n`);
});

test.each(['batch', 'transaction'])('They stay in a %s.', async (type) => {
  const entries = VALUES.map(
    (value, i) =>
      `{"resource":${observation(`b${i}`, value)},"request":{"method":"PUT","url":"Observation/b${i}"}}`,
  );
  const body = `{"resourceType":"Bundle","type":"${type}","entry":[${entries.join(',')}]}`;
  const text = await (await server.fhir('POST', '', { body })).text();
  for (const value of VALUES) expect(text).toContain(`"value":${value},"unit"`);
});

test('A top-level decimal stays as it is too, and what JavaScript has no number for is refused.', async () => {
  const item = (factor: string): string =>
    `{"resourceType":"ChargeItem","status":"billable","code":{"text":"x"},"subject":{"reference":"Patient/1"},"factorOverride":${factor}}`;
  expect(await (await server.fhir('POST', 'ChargeItem', { body: item('0.80') })).text()).toContain(
    '"factorOverride":0.80}',
  );
  const huge = await server.fhir('POST', 'ChargeItem', { body: item('1e400') });
  expect([huge.status, await huge.json()]).toMatchObject([
    400,
    { issue: [{ code: 'value', expression: ['ChargeItem.factorOverride'] }] },
  ]);
});

test('A member that is there twice is refused with its place, and nothing is written.', async () => {
  const body = observation('twice', '1,"value":2');
  const response = await server.fhir('PUT', 'Observation/twice', { body });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { issue: [{ code: 'structure', expression: ['Observation.valueQuantity.value'] }] },
  ]);
  expect((await server.fhir('GET', 'Observation/twice')).status).toBe(404);
});
