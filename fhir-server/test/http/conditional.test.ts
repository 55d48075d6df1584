/** Conditional create, update, patch and delete. https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #cond-patch */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Observation, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { startTestServer, type FhirOptions, type TestServer } from '../support/server.ts';

let server: TestServer;
let single: TestServer;

beforeAll(async () => {
  [server, single] = await Promise.all([startTestServer({ CONDITIONAL_DELETE_MAX: '3' }), startTestServer()]);
}, 60_000);
afterAll(() => Promise.all([server.close(), single.close()]));

const SYSTEM = 'urn:test';
const patient = (value: string, rest: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: SYSTEM, value }],
  ...rest,
});
const matching = (value: string): string => `Patient?identifier=${SYSTEM}|${value}`;

async function send(method: string, path: string, options: FhirOptions = {}, at = server) {
  const response = await at.fhir(method, path, options);
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
}
const ids = async (query: string, at = server): Promise<(string | undefined)[]> =>
  ((await send('GET', query, {}, at)).body as Bundle).entry?.map((e) => e.resource?.id) ?? [];
const refusal = ({ status, body }: { status: number; body: unknown }) => {
  const [first] = (body as OperationOutcome).issue;
  return [status, first?.code, first?.expression?.[0]];
};
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

describe('A conditional update', () => {
  test('creates when nothing matches, and updates the one match.', async () => {
    const made = await send('PUT', matching('u1'), { body: patient('u1') });
    expect(made.status).toBe(201);
    const { id } = made.body as Patient;
    const updated = await send('PUT', matching('u1'), { body: patient('u1', { active: true }) });
    expect(updated).toMatchObject({ status: 200, body: { id, active: true, meta: { versionId: '2' } } });
    const withId = await send('PUT', matching('u1'), { body: patient('u1', { id }) });
    expect(withId).toMatchObject({ status: 200, body: { id, meta: { versionId: '3' } } });
    expect(await ids(matching('u1'))).toEqual([id]);
  });

  test('creates with the id of its body, unless another resource has it.', async () => {
    const made = await send('PUT', matching('u2'), { body: patient('u2', { id: 'u2' }) });
    expect(made).toMatchObject({ status: 201, body: { id: 'u2' } });
    expect(refusal(await send('PUT', matching('other'), { body: patient('other', { id: 'u2' }) }))).toEqual([
      409,
      'conflict',
      undefined,
    ]);
  });

  test('refuses another id than that of the match, and several matches.', async () => {
    expect(refusal(await send('PUT', matching('u2'), { body: patient('u2', { id: 'u3' }) }))).toEqual([
      400,
      'invalid',
      'Patient.id',
    ]);
    for (const id of ['u4', 'u5']) await send('PUT', `Patient/${id}`, { body: patient('twice', { id }) });
    expect(refusal(await send('PUT', matching('twice'), { body: patient('twice') }))).toEqual([
      412,
      'multiple-matches',
      'Patient',
    ]);
  });

  test('keeps If-Match and If-None-Match.', async () => {
    const put = (headers: Record<string, string>) =>
      send('PUT', matching('u6'), { body: patient('u6'), headers });
    expect((await put({ 'If-Match': 'W/"1"' })).status).toBe(412);
    expect((await put({ 'If-None-Match': '*' })).status).toBe(201);
    expect((await put({ 'If-None-Match': '*' })).status).toBe(412);
    expect((await put({ 'If-Match': 'W/"7"' })).status).toBe(412);
    expect((await put({ 'If-Match': 'W/"1"' })).status).toBe(200);
  });

  test('sent many times at once makes one resource.', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => send('PUT', matching('race'), { body: patient('race') })),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(7);
    expect(await ids(matching('race'))).toHaveLength(1);
  });
});

describe('A conditional delete', () => {
  test('deletes up to the limit, or nothing.', async () => {
    for (let i = 0; i < 4; i += 1) await send('POST', 'Patient', { body: patient('d1') });
    expect(refusal(await send('DELETE', matching('d1')))).toEqual([412, 'multiple-matches', 'Patient']);
    const [first] = await ids(matching('d1'));
    expect((await send('DELETE', `Patient/${first}`)).status).toBe(204);
    expect((await send('DELETE', matching('d1'))).status).toBe(204);
    expect(await ids(matching('d1'))).toEqual([]);
    expect((await send('DELETE', matching('d1'))).status).toBe(204);
    expect((await send('GET', `Patient/${first}`)).status).toBe(410);
  });

  test('deletes one only when no other number is set.', async () => {
    for (const value of ['s1', 's2', 's2']) await send('POST', 'Patient', { body: patient(value) }, single);
    expect((await send('DELETE', matching('s1'), {}, single)).status).toBe(204);
    expect((await send('DELETE', matching('s2'), {}, single)).status).toBe(412);
    expect(await ids(matching('s2'), single)).toHaveLength(2);
  });

  test('of a type that nobody has written finds nothing.', async () => {
    expect((await send('DELETE', 'Slot?status=free')).status).toBe(204);
  });
});

describe('A conditional patch', () => {
  const body = JSON.stringify([{ op: 'add', path: '/active', value: true }]);

  test('changes the one match.', async () => {
    await send('PUT', 'Patient/c1', { body: patient('c1', { id: 'c1' }) });
    const patched = await send('PATCH', matching('c1'), { body, headers: JSON_PATCH });
    expect(patched).toMatchObject({
      status: 200,
      body: { id: 'c1', active: true, meta: { versionId: '2' } },
    });
  });

  test('of nothing is 404, of several 412.', async () => {
    expect((await send('PATCH', matching('c2'), { body, headers: JSON_PATCH })).status).toBe(404);
    for (let i = 0; i < 2; i += 1) await send('POST', 'Patient', { body: patient('c3') });
    expect((await send('PATCH', matching('c3'), { body, headers: JSON_PATCH })).status).toBe(412);
  });
});

describe('A condition', () => {
  test.each([
    ['PUT', 'Patient'],
    ['PUT', 'Patient?_format=json'],
    ['DELETE', 'Patient'],
    ['DELETE', 'Patient?_count=1'],
    ['DELETE', 'Patient?nosuch=1'],
    ['DELETE', 'Patient?identifier='],
    ['DELETE', 'Patient?birthdate=2023-02-30'],
    ['PATCH', 'Patient?_sort=name'],
    ['PATCH', 'Patient?name:nosuch=x'],
  ])('%s %s is refused, and nothing changes.', async (method, path) => {
    const before = await ids('Patient?_sort=_id&_count=100');
    const headers = method === 'PATCH' ? JSON_PATCH : {};
    const body = method === 'PATCH' ? '[]' : method === 'PUT' ? patient('x') : undefined;
    const answer = await send(method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer).toMatchObject({ status: 400, body: { resourceType: 'OperationOutcome' } });
    expect(await ids('Patient?_sort=_id&_count=100')).toEqual(before);
  });

  test.each(['', '_count=1', 'nosuch=1'])('If-None-Exist "%s" is refused.', async (condition) => {
    const headers = { 'If-None-Exist': condition };
    const answer = await send('POST', 'Patient', { body: patient('y'), headers });
    expect(answer.status).toBe(400);
    expect(await ids(matching('y'))).toEqual([]);
  });
});

describe('Whoever may not see what matches', () => {
  const observation = (rest: object): object => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    identifier: [{ system: SYSTEM, value: 'hidden' }],
    ...rest,
  });
  const condition = `Observation?identifier=${SYSTEM}|hidden`;

  test('gets the answer for no match, and changes nothing.', async () => {
    const lab = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }],
    };
    await send('PUT', 'Observation/hidden', { body: observation({ id: 'hidden', category: [lab] }) });
    const token = await server.token(
      'system/Observation.cruds?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs',
    );
    expect((await send('DELETE', condition, { token })).status).toBe(204);
    const headers = JSON_PATCH;
    expect((await send('PATCH', condition, { token, headers, body: '[]' })).status).toBe(404);
    const vital = { coding: [{ system: lab.coding[0]!.system, code: 'vital-signs' }] };
    const made = await send('PUT', condition, { token, body: observation({ category: [vital] }) });
    expect(made.status).toBe(201);
    expect((made.body as Observation).id).not.toBe('hidden');
    expect((await send('GET', 'Observation/hidden')).body).toMatchObject({ meta: { versionId: '1' } });
  });

  test('and who may not search is refused.', async () => {
    const token = await server.token('system/Observation.cud');
    for (const method of ['PUT', 'DELETE'])
      expect(
        (await send(method, condition, { token, ...(method === 'PUT' && { body: observation({}) }) })).status,
      ).toBe(403);
  });
});
