/** State that apps keep here. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic, Bundle, CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes';
import { provisionAccounts, stateCodeFault } from '../../src/auth/index.ts';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { appToken } from '../support/app-token.ts';
import { searcher } from '../support/searcher.ts';
import { CLINIC, PASSWORD, REDIRECT, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Apps of a doctor, of a doctor for the patient p1, of an admin, and of the patient p1; each of the same client. */
let doctor: string;
let launched: string;
let admin: string;
let patient: string;

const SYSTEM = 'https://app.example';
const ofPatient = 'Patient/p1';
const to = (reference: string) => ({ reference });

beforeAll(async () => {
  server = await startTestServer();
  const pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' })); // prettier-ignore
  await provisionAccounts(pool, {
    users: [{ username: 'admin', password: PASSWORD, role: 'admin', fhirUser: 'Practitioner/admin' }],
    clients: [
      {
        clientId: 'app',
        name: 'App',
        redirectUris: [REDIRECT],
        scope: 'openid fhirUser launch/patient patient/*.cruds user/*.cruds',
        stateCodes: [`${SYSTEM}|preferences`, `${SYSTEM}|keys`],
        globalStateCodes: [`${SYSTEM}|config`],
      },
    ],
  });
  await pool.end();
  await searcher(server).store(
    { resourceType: 'Patient', id: 'p1', name: [{ family: 'Able' }], managingOrganization: to(CLINIC) },
    { resourceType: 'Patient', id: 'p2', name: [{ family: 'Secret' }] },
    { resourceType: 'Practitioner', id: 'doc' },
    { resourceType: 'Practitioner', id: 'desk' },
    { resourceType: 'PractitionerRole', id: 'own', practitioner: to('Practitioner/doc') },
    { resourceType: 'PractitionerRole', id: 'foreign', practitioner: to('Practitioner/desk') },
  );
  doctor = await appToken(server, 'doctor', 'user/Basic.cuds');
  launched = await appToken(server, 'doctor', 'launch/patient patient/Basic.cuds');
  admin = await appToken(server, 'admin', 'user/*.cruds');
  patient = await appToken(server, 'patient', 'launch/patient patient/Basic.cuds');
}, 30_000);
afterAll(() => server.close());

interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function call(method: string, path: string, token: string | undefined, body?: unknown, ifMatch?: string): Promise<Seen> {
  const response = await fetch(`${server.baseUrl}/app-state/${path}`, {
    method,
    headers: {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
      ...(ifMatch !== undefined && { 'If-Match': ifMatch }),
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
} // prettier-ignore

const state = (code: string, subject?: string, more: object = {}) => ({
  resourceType: 'Basic',
  code: { coding: [{ system: SYSTEM, code }] },
  ...(subject !== undefined && { subject: to(`${server.fhirBase}/${subject}`) }),
  extension: [{ url: `${SYSTEM}/v1`, valueString: '{"a":1}' }],
  ...more,
});

async function stored(token: string, sent: object): Promise<Basic & { readonly id: string }> {
  const { status, body } = await call('POST', 'Basic', token, sent);
  expect([status, status === 201 ? '' : body]).toEqual([201, '']);
  return body as Basic & { id: string };
}

const find = (code: string, subject: string | undefined): string =>
  `Basic?code=${encodeURIComponent(`${SYSTEM}|${code}`)}&${subject === undefined ? 'subject:missing=true' : `subject=${encodeURIComponent(`${server.fhirBase}/${subject}`)}`}`;

async function found(token: string, code: string, subject?: string): Promise<string[]> {
  const { status, body } = await call('GET', find(code, subject), token);
  expect([status, status === 200 ? '' : body]).toEqual([200, '']);
  return ((body as Bundle).entry ?? []).map((e) => e.resource?.id ?? '');
}

const refusal = ({ status, body }: Seen): readonly unknown[] => [status, (body as OperationOutcome).issue[0]?.code]; // prettier-ignore

test.each([
  [`${SYSTEM}|keys`, true],
  ['keys', false],
  ['|keys', false],
  [`${SYSTEM}|`, false],
  [`${SYSTEM}|a,${SYSTEM}|b`, false],
  [`${SYSTEM}|a|b`, false],
  [`${SYSTEM}|a b`, false],
  [7, false],
])('A client is registered with codes that have a system: %s (smart 173)', (code, isOne) => {
  expect(stateCodeFault(code) === undefined).toBe(isOne);
});

test('Discovery names the endpoint for state, which has a CapabilityStatement (smart 15)', async () => {
  const response = await fetch(`${server.fhirBase}/.well-known/smart-configuration`);
  const { associated_endpoints: endpoints } = (await response.json()) as { associated_endpoints: unknown };
  expect(endpoints).toEqual([{ url: `${server.baseUrl}/app-state`, capabilities: ['smart-app-state'] }]);
  const { status, body } = await call('GET', 'metadata', undefined);
  expect([status, (body as CapabilityStatement).rest?.[0]?.resource?.map(({ type }) => type)]).toEqual([200, ['Basic']]); // prettier-ignore
});

describe('State', () => {
  test('is created, found by code and subject, changed and removed (smart 172)', async () => {
    const sent = state('preferences', 'Practitioner/doc');
    const made = await call('POST', 'Basic', doctor, sent);
    const { id = '', meta, ...rest } = made.body as Basic;
    expect([made.status, made.headers.get('etag')]).toEqual([201, 'W/"1"']);
    expect(made.headers.get('location')).toBe(`${server.baseUrl}/app-state/Basic/${id}`);
    expect([rest, meta?.versionId]).toEqual([sent, '1']);
    const bundle = (await call('GET', find('preferences', 'Practitioner/doc'), doctor)).body as Bundle;
    expect(bundle.entry?.map((e) => e.fullUrl)).toEqual([`${server.baseUrl}/app-state/Basic/${id}`]);
    const changed = { ...sent, id, extension: [{ url: `${SYSTEM}/v2`, valueString: 'b' }] };
    const put = await call('PUT', `Basic/${id}`, doctor, changed, 'W/"1"');
    expect([put.status, put.headers.get('etag'), (put.body as Basic).extension]).toEqual([200, 'W/"2"', changed.extension]); // prettier-ignore
    expect((await call('DELETE', `Basic/${id}`, doctor, undefined, 'W/"2"')).status).toBe(204);
    expect(await found(doctor, 'preferences', 'Practitioner/doc')).toEqual([]);
    for (const [method, body] of [['DELETE', undefined], ['PUT', changed]] as const)
      expect(refusal(await call(method, `Basic/${id}`, doctor, body, 'W/"3"'))).toEqual([412, 'conflict']);
  }); // prettier-ignore

  test('of a patient and of everybody is kept beside it (smart 172)', async () => {
    const [ofP1, global] = [await stored(launched, state('keys', ofPatient)), await stored(admin, state('config'))]; // prettier-ignore
    expect(await found(launched, 'keys', ofPatient)).toEqual([ofP1.id]);
    expect(await found(patient, 'keys', ofPatient)).toEqual([ofP1.id]);
    expect(await found(doctor, 'keys', ofPatient)).toEqual([ofP1.id]);
    expect(await found(doctor, 'config')).toEqual([global.id]);
    expect(await found(doctor, 'keys')).toEqual([]);
  });

  test.each([
    ['an id', { id: 'own' }, 400],
    ['a version', { meta: { versionId: '1' } }, 400],
    ['no coding', { code: { text: 'x' } }, 400],
    ['two codings', { code: { coding: [{ system: SYSTEM, code: 'preferences' }, { system: SYSTEM, code: 'keys' }] } }, 400],
    ['a coding without a system', { code: { coding: [{ code: 'preferences' }] } }, 400],
    ['a relative subject', { subject: to('Practitioner/doc') }, 400],
    ['a subject elsewhere', { subject: to('https://other.example/Practitioner/doc') }, 400],
    ['an extension of another type', { extension: [{ url: 'http://x.example', valueBoolean: true }] }, 400],
    ['another type', { resourceType: 'Patient' }, 400],
    ['more than 256 KB', { extension: [{ url: 'http://x.example', valueString: 'x'.repeat(262_144) }] }, 413],
  ])('with %s is refused (smart 172)', async (_what, more, status) => {
    const seen = await call('POST', 'Basic', doctor, state('preferences', 'Practitioner/doc', more));
    expect(seen.status).toBe(status);
    expect((seen.body as OperationOutcome).resourceType).toBe('OperationOutcome');
  }); // prettier-ignore

  test('is changed only in the version that the app names, and keeps code and subject (smart 172)', async () => {
    const sent = state('preferences', 'Practitioner/doc');
    const { id } = await stored(doctor, sent);
    const put = (body: object, ifMatch?: string) => call('PUT', `Basic/${id}`, doctor, body, ifMatch);
    for (const ifMatch of [undefined, '*']) {
      expect(refusal(await put({ ...sent, id }, ifMatch))).toEqual([428, 'required']);
      expect(refusal(await call('DELETE', `Basic/${id}`, doctor, undefined, ifMatch))).toEqual([428, 'required']);
    }
    expect((await put({ ...sent, id }, 'W/"1"')).status).toBe(200);
    expect(refusal(await put({ ...sent, id }, 'W/"1"'))).toEqual([412, 'conflict']);
    expect(refusal(await call('DELETE', `Basic/${id}`, doctor, undefined, 'W/"1"'))).toEqual([412, 'conflict']);
    for (const other of [state('keys', 'Practitioner/doc'), state('preferences'), state('preferences', ofPatient)])
      expect(refusal(await put({ ...other, id }, 'W/"2"'))).toEqual([412, 'conflict']);
    expect((await put(sent, 'W/"2"')).status).toBe(400);
    expect((await put({ ...sent, id: 'other' }, 'W/"2"')).status).toBe(400);
    expect((await call('DELETE', `Basic/${id}`, doctor, undefined, 'W/"2"')).status).toBe(204);
  }); // prettier-ignore

  test('is searched by one code, and one subject or none (smart 172)', async () => {
    const code = encodeURIComponent(`${SYSTEM}|keys`);
    for (const query of ['', `code=${code}`, `subject:missing=true`, `code=keys&subject:missing=true`, `code=${code}&subject:missing=false`, `code=${code},${code}&subject:missing=true`, `code=${code}&subject=Patient`, `code=${code}&subject:missing=true&_id=x`, `code=${code}&code=${code}&subject:missing=true`, `code:not=${code}&subject:missing=true`])
      expect([query, (await call('GET', `Basic?${query}`, doctor)).status]).toEqual([query, 400]);
    for (const [method, path] of [['GET', 'Basic/x'], ['PATCH', 'Basic/x'], ['PUT', 'Basic?code=x']] as const)
      expect((await call(method, path, doctor)).status).toBe(405);
    for (const path of ['Patient', 'Basic/x/_history', '', '../fhir/R4x'])
      expect((await call('GET', path, doctor)).status).toBe(404);
  }); // prettier-ignore

  test('needs a token and its scopes, letter by letter (smart 173)', async () => {
    expect((await call('GET', find('keys', ofPatient), undefined)).status).toBe(401);
    const reader = await appToken(server, 'doctor', 'user/Basic.s');
    const other = await appToken(server, 'doctor', 'user/Observation.cruds');
    expect(await found(reader, 'preferences', 'Practitioner/doc')).toEqual([]);
    expect(refusal(await call('POST', 'Basic', reader, state('preferences', 'Practitioner/doc')))).toEqual([403, 'forbidden']); // prettier-ignore
    expect(refusal(await call('GET', find('keys', 'Practitioner/doc'), other))).toEqual([403, 'forbidden']);
    const narrow = await appToken(server, 'doctor', `user/Basic.cuds?code=${SYSTEM}|preferences`);
    expect(refusal(await call('POST', 'Basic', narrow, state('keys', 'Practitioner/doc')))).toEqual([403, 'forbidden']); // prettier-ignore
    await stored(narrow, state('preferences', 'Practitioner/doc'));
  });
});

describe('An app', () => {
  test('sees and changes only state with whose code it is trusted (smart 173)', async () => {
    const sent = state('strange', 'Practitioner/doc');
    expect(refusal(await call('POST', 'Basic', doctor, sent))).toEqual([403, 'forbidden']);
    expect(refusal(await call('GET', find('strange', 'Practitioner/doc'), doctor))).toEqual([403, 'forbidden']);
    const { id } = await stored(doctor, state('preferences', 'Practitioner/doc'));
    // A client that is trusted with nothing.
    const backend = await server.token('system/*.cruds');
    expect(refusal(await call('POST', 'Basic', backend, state('keys', ofPatient)))).toEqual([403, 'forbidden']);
    expect(refusal(await call('GET', find('keys', ofPatient), backend))).toEqual([403, 'forbidden']);
    for (const one of [id, 'none'])
      expect(refusal(await call('DELETE', `Basic/${one}`, backend, undefined, 'W/"1"'))).toEqual([403, 'forbidden']);
  }); // prettier-ignore

  test('changes state of everybody only where it is trusted to, for an admin (smart 173)', async () => {
    expect(refusal(await call('POST', 'Basic', admin, state('preferences')))).toEqual([403, 'forbidden']);
    expect(refusal(await call('POST', 'Basic', doctor, state('config')))).toEqual([403, 'forbidden']);
    expect(refusal(await call('POST', 'Basic', launched, state('config')))).toEqual([403, 'forbidden']);
    expect(refusal(await call('POST', 'Basic', admin, state('config', ofPatient)))).toEqual([403, 'forbidden']);
    const { id, meta: _meta, ...sent } = await stored(admin, state('config'));
    expect((await call('PUT', `Basic/${id}`, doctor, { ...sent, id }, 'W/"1"')).status).toBeGreaterThanOrEqual(403);
    expect((await call('DELETE', `Basic/${id}`, doctor, undefined, 'W/"1"')).status).toBeGreaterThanOrEqual(403);
    expect((await call('PUT', `Basic/${id}`, admin, { ...sent, id }, 'W/"1"')).status).toBe(200);
  }); // prettier-ignore

  test('has state of patients only for users with rights to them (smart 173)', async () => {
    const ofP2 = await stored(admin, state('keys', 'Patient/p2'));
    const { meta: _meta, ...sent } = ofP2;
    for (const token of [patient, launched, doctor]) {
      expect(refusal(await call('POST', 'Basic', token, state('keys', 'Patient/p2')))).toEqual([403, 'forbidden']);
      const [hidden, absent] = [await call('GET', find('keys', 'Patient/p2'), token), await call('GET', find('keys', 'Patient/p9'), token)];
      expect([hidden.status, hidden.body]).toEqual([403, absent.body]);
      const gone = await call('PUT', 'Basic/none', token, { ...sent, id: 'none' }, 'W/"1"');
      const put = await call('PUT', `Basic/${ofP2.id}`, token, sent, 'W/"1"');
      expect([put.status, put.body]).toEqual([412, gone.body]);
      expect(refusal(await call('DELETE', `Basic/${ofP2.id}`, token, undefined, 'W/"1"'))).toEqual([412, 'conflict']);
    }
    expect(await found(admin, 'keys', 'Patient/p2')).toEqual([ofP2.id]);
  }); // prettier-ignore

  test('has state of users only for themselves, whatever their part is (smart 173)', async () => {
    const own = await stored(doctor, state('preferences', 'PractitionerRole/own'));
    expect(await found(doctor, 'preferences', 'PractitionerRole/own')).toEqual([own.id]);
    for (const subject of ['PractitionerRole/foreign', 'PractitionerRole/none', 'Practitioner/desk', 'Organization/x', 'Person/none'])
      for (const seen of [await call('POST', 'Basic', doctor, state('preferences', subject)), await call('GET', find('preferences', subject), doctor)])
        expect([subject, ...refusal(seen)]).toEqual([subject, 403, 'forbidden']);
    expect(refusal(await call('GET', find('preferences', 'Practitioner/doc'), admin))).toEqual([403, 'forbidden']);
    // The app of one patient reaches nothing of its user.
    expect(await found(launched, 'preferences', 'Practitioner/doc')).toEqual([]);
    expect(refusal(await call('POST', 'Basic', launched, state('preferences', 'Practitioner/doc')))).toEqual([403, 'forbidden']);
  }); // prettier-ignore
});

test('The rest of the server knows nothing of state, and cannot make any (smart 173)', async () => {
  const { id } = await stored(admin, state('keys', ofPatient));
  const search = searcher(server);
  await search.store({ resourceType: 'Basic', id: 'ordinary', code: { text: 'x' }, subject: to(ofPatient) });
  const tag = [{ system: 'urn:dr-assistant:app-state', code: 'state' }];
  for (const token of [admin, await server.token('system/*.cruds')]) {
    const own = { token };
    expect(await search.ids('Basic', own)).toEqual(['ordinary']);
    expect(await search.ids(`Basic?_tag=${encodeURIComponent('urn:dr-assistant:app-state|state')}`, own)).toEqual([]); // prettier-ignore
    for (const path of [`Basic/${id}`, `Basic/${id}/_history/1`, `Basic/${id}/_history`])
      expect([path, (await search.refusal(path, own)).status]).toEqual([path, 404]);
    expect(JSON.stringify(await search.bundle('Patient/p1/$everything?_type=Basic', own))).not.toContain(id);
    expect(JSON.stringify(await search.bundle('Basic/_history', own))).not.toContain(id);
    expect(await search.ids('Patient?_has:Basic:subject:code=keys', own)).toEqual([]);
    const made = await server.fhir('POST', 'Basic', {
      token,
      body: state('keys', ofPatient, { meta: { tag } }),
    });
    expect(made.status).toBe(403);
    const put = await server.fhir('PUT', `Basic/${id}`, { token, body: { ...state('keys', ofPatient), id } });
    expect(put.status).toBeGreaterThanOrEqual(403);
    const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag } }] };
    expect((await server.fhir('POST', 'Basic/ordinary/$meta-add', { token, body: meta })).status).toBe(403);
  }
}, 30_000);
