/** $validate over HTTP: its parameters, modes and rights, and what a write tells besides. https://hl7.org/fhir/R4/resource-operation-validate.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.fhir('PUT', 'Patient/there', { body: { resourceType: 'Patient', id: 'there' } });
}, 30_000);
afterAll(() => server.close());

const good = { resourceType: 'Patient', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>' } }; // prettier-ignore
const bad = { resourceType: 'Patient', contact: [{ gender: 'male' }], birthDate: '2023-02-30' };
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });

async function outcome(method: string, path: string, body?: object, token?: string) {
  const response = await server.fhir(method, path, {
    ...(body === undefined ? {} : { body }),
    ...(token === undefined ? {} : { token }),
  });
  const { issue } = (await response.json()) as OperationOutcome;
  return { status: response.status, issue };
}

const errors = (issues: readonly OperationOutcomeIssue[]) =>
  issues.filter((i) => i.severity === 'error').map((i) => [i.code, i.expression?.[0]]);
const ALL_OK = [{ severity: 'information', code: 'informational', diagnostics: 'All OK' }];

test.each([
  ['the resource as the body', 'Patient/$validate', good],
  ['a Parameters with it', 'Patient/$validate', parameters({ name: 'resource', resource: good })],
  ['the system', '$validate', good],
  [
    'a Parameters that is itself validated',
    'Parameters/$validate',
    parameters({ name: 'x', valueCode: 'y' }),
  ],
  ['the mode in the URL', 'Patient/$validate?mode=create', good],
  [
    'mode and profile in the Parameters',
    'Patient/$validate',
    parameters(
      { name: 'resource', resource: good },
      { name: 'mode', valueCode: 'profile' },
      { name: 'profile', valueUri: 'http://hl7.org/fhir/StructureDefinition/Patient' },
    ),
  ],
  ['an update of what is there', 'Patient/there/$validate?mode=update', { ...good, id: 'there' }],
  ['an update of what is not there', 'Patient/fresh/$validate?mode=update', { ...good, id: 'fresh' }],
])('All is well with %s.', async (_title, path, body) => {
  expect(await outcome('POST', path, body)).toEqual({ status: 200, issue: ALL_OK });
});

test('Errors are told with 200, each with its place; nothing is written.', async () => {
  const found = await outcome('POST', 'Patient/$validate', bad);
  expect(found.status).toBe(200);
  expect(errors(found.issue)).toEqual([
    ['value', 'Patient.birthDate'],
    ['invariant', 'Patient.contact[0]'],
  ]);
  const search = (await (await server.fhir('GET', 'Patient')).json()) as Bundle;
  expect(search.entry?.map((e) => e.resource?.id)).toEqual(['there']);
});

test('What is stored is validated by its URL, and its deletion.', async () => {
  const stored = await outcome('GET', 'Patient/there/$validate');
  expect([stored.status, errors(stored.issue)]).toEqual([200, []]);
  expect(stored.issue[0]?.diagnostics).toContain('dom-6');
  expect(await outcome('POST', 'Patient/there/$validate?mode=delete')).toEqual({
    status: 200,
    issue: ALL_OK,
  });
  expect((await server.fhir('GET', 'Patient/there')).status).toBe(200);
});

describe('A call is refused for', () => {
  test.each([
    ['an unknown mode', 'POST', 'Patient/$validate?mode=perhaps', good, 400],
    ['an update without an id', 'POST', 'Patient/$validate?mode=update', good, 400],
    ['a create with an id', 'POST', 'Patient/there/$validate?mode=create', good, 400],
    ['a deletion of nothing', 'POST', 'Patient/$validate?mode=delete', undefined, 400],
    ['a deletion of what is not there', 'POST', 'Patient/nobody/$validate?mode=delete', undefined, 404],
    ['profile without a profile', 'POST', 'Patient/$validate?mode=profile', good, 400],
    ['another type than the URL has', 'POST', 'Observation/$validate', good, 400],
    ['no resource', 'POST', 'Patient/$validate', undefined, 400],
    [
      'a Parameters without a resource',
      'POST',
      'Patient/$validate',
      parameters({ name: 'patient', resource: good }),
      400,
    ],
    ['an unknown type', 'POST', '$validate', { resourceType: 'Patent' }, 400],
    ['no such resource', 'GET', 'Patient/nobody/$validate', undefined, 404],
  ])('%s', async (_title, method, path, body, status) => {
    expect((await outcome(method, path, body)).status).toBe(status);
  });
});

test('An unknown profile is an error of its own.', async () => {
  const found = await outcome('POST', 'Patient/$validate?profile=http://a/b', good);
  expect([found.status, errors(found.issue)]).toEqual([200, [['not-found', 'profile']]]);
});

test('An update with another id, and content outside of the rights, would be refused.', async () => {
  const update = await outcome('POST', 'Patient/there/$validate?mode=update', { ...good, id: 'other' });
  expect(errors(update.issue)).toEqual([['invalid', 'Patient.id']]);
  const own = await server.token('system/Observation.cu?category=laboratory system/Observation.rs');
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
  const create = await outcome('POST', 'Observation/$validate?mode=create', observation, own);
  expect(errors(create.issue)).toEqual([['forbidden', 'Observation']]);
});

test('Who may write a type may validate it, and nobody else; hidden resources are unknown.', async () => {
  const reader = await server.token('system/Patient.rs');
  expect((await outcome('POST', 'Patient/$validate', good, reader)).status).toBe(403);
  expect((await outcome('GET', 'Patient/there/$validate', undefined, reader)).status).toBe(403);
  const writer = await server.token('system/Patient.cu');
  expect((await outcome('POST', 'Patient/$validate', good, writer)).status).toBe(200);
  expect((await outcome('POST', '$validate', good, writer)).status).toBe(200);
  expect((await outcome('GET', 'Patient/there/$validate', undefined, writer)).status).toBe(403);
  expect((await outcome('POST', 'Patient/there/$validate?mode=delete', undefined, writer)).status).toBe(403);
  const narrow = await server.token('system/Patient.cruds?gender=female');
  expect((await outcome('GET', 'Patient/there/$validate', undefined, narrow)).status).toBe(404);
  expect((await outcome('POST', 'Patient/there/$validate?mode=delete', undefined, narrow)).status).toBe(404);
});

test('Codes of stored value sets are looked up where memory has none, and writes tell of it who asks.', async () => {
  const procedure = {
    resourceType: 'ImagingStudy',
    status: 'available',
    subject: { reference: 'Patient/there' },
    series: [{ uid: '1.2', modality: { system: 'http://x', code: 'y' } }],
  };
  const before = await outcome('POST', 'ImagingStudy/$validate', procedure);
  const place = 'ImagingStudy.series[0].modality';
  const about = (found: readonly OperationOutcomeIssue[]) =>
    found.filter((i) => i.expression?.[0] === place).map((i) => [i.severity, i.code]);
  expect(about(before.issue)).toEqual([['information', 'not-found']]);
  const preferring = await server.fhir('POST', 'ImagingStudy', {
    body: procedure,
    headers: { Prefer: 'return=OperationOutcome' },
  });
  expect(preferring.status).toBe(201);
  const told = (await preferring.json()) as OperationOutcome;
  expect(told.issue.map((i) => i.severity)).toContain('warning');
  expect(about(told.issue)).toEqual([['information', 'not-found']]);
});

test('A write with a broken invariant is refused.', async () => {
  const answer = await outcome('POST', 'Patient', { resourceType: 'Patient', contact: [{ gender: 'male' }] });
  expect([answer.status, errors(answer.issue)]).toEqual([400, [['invariant', 'Patient.contact[0]']]]);
});
