/** What a Consent denies and what is labelled restricted stays closed by every road, until a Consent ends, a clearance is given, or an emergency is declared. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle } from '@medplum/fhirtypes';
import { startTestSealer } from '../../support/audit.ts';
import { addRights, seen, userToken } from '../../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let doctor: string;
let other: string;

const to = (reference: string): { reference: string } => ({ reference });
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const TYPES = 'http://hl7.org/fhir/resource-types';

async function put(resource: object): Promise<void> {
  const { resourceType, id } = resource as { resourceType: string; id: string };
  const response = await server.fhir('PUT', `${resourceType}/${id}`, { body: resource });
  if (!response.ok) throw new Error(await response.text());
}

const consent = (provision: object, more: object = {}): object => ({
  resourceType: 'Consent',
  id: 'c1',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: to('Patient/p1'),
  policyRule: { coding: [{ system: ACT_CODE, code: 'OPTIN' }] },
  provision,
  ...more,
});
const noConsent = (): Promise<void> => put(consent({ type: 'permit' }, { status: 'inactive' }));

beforeAll(async () => {
  server = await startTestServer();
  await addRights(server, {
    users: [
      { username: 'other', role: 'doctor', fhirUser: 'Practitioner/other', organization: CLINIC },
      {
        username: 'trusted',
        role: 'doctor',
        fhirUser: 'Practitioner/trusted',
        organization: CLINIC,
        clearance: ['R'],
      },
      { username: 'watch', role: 'auditor', fhirUser: 'Practitioner/watch' },
    ],
    clients: [
      { clientId: 'plain', name: 'Plain', secret: 'secret-of-the-plain-client', scope: 'system/*.cruds' },
    ],
  });
  for (const id of ['p1', 'p2']) await put({ resourceType: 'Patient', id, managingOrganization: to(CLINIC) });
  const code = { text: 'x' };
  await put({ resourceType: 'Observation', id: 'o1', status: 'final', code, subject: to('Patient/p1') });
  await put({ resourceType: 'Observation', id: 'hiv', status: 'final', code, subject: to('Patient/p1'), meta: { security: [{ system: ACT_CODE, code: 'HIV' }] } }); // prettier-ignore
  await put({ resourceType: 'Condition', id: 'x1', code, subject: to('Patient/p1') });
  await put({ resourceType: 'Observation', id: 'o2', status: 'final', code, subject: to('Patient/p2') });
  await put({ resourceType: 'Observation', id: 'r2', status: 'final', code, subject: to('Patient/p2'), meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } }); // prettier-ignore
  await put({ resourceType: 'Appointment', id: 'a1', status: 'proposed', participant: [{ actor: to('Patient/p1'), status: 'accepted' }] }); // prettier-ignore
  await put({ resourceType: 'DocumentReference', id: 'd2', status: 'current', subject: to('Patient/p2'), securityLabel: [{ coding: [{ system: CONFIDENTIALITY, code: 'V' }] }], content: [{ attachment: { url: 'https://x.example' } }] }); // prettier-ignore
  [doctor, other] = [await userToken(server, 'doctor'), await userToken(server, 'other')];
}, 40_000);
afterAll(() => server.close());

const open = async (
  token: string,
  names = ['Observation/o1', 'Observation/hiv', 'Condition/x1', 'Appointment/a1', 'Patient/p1'],
): Promise<string> => {
  const found: string[] = [];
  for (const name of names) if ((await seen(server, token, name)) === '200') found.push(name.split('/')[1]!);
  return found.join(' ');
};
const ALL = 'o1 hiv x1 a1 p1';

describe('A Consent', () => {
  beforeEach(noConsent);

  test.each<[string, object, string, string]>([
    ['denies all, but that the patient is there', { type: 'deny' }, 'p1', 'p1'],
    ['denies one professional', { type: 'permit', provision: [{ type: 'deny', actor: [{ role: { text: 'x' }, reference: to('Practitioner/doc') }] }] }, 'p1', ALL],
    ['denies all but one professional', { type: 'deny', provision: [{ type: 'permit', actor: [{ role: { text: 'x' }, reference: to('Practitioner/doc') }] }] }, ALL, 'p1'],
    ['denies all but an organization', { type: 'deny', provision: [{ type: 'permit', actor: [{ role: { text: 'x' }, reference: to(CLINIC) }] }] }, ALL, ALL],
    ['denies a class', { type: 'deny', class: [{ system: TYPES, code: 'Observation' }] }, 'x1 a1 p1', 'x1 a1 p1'],
    ['denies a label', { type: 'deny', securityLabel: [{ system: ACT_CODE, code: 'HIV' }] }, 'o1 x1 a1 p1', 'o1 x1 a1 p1'],
    ['denies a resource', { type: 'deny', data: [{ meaning: 'instance', reference: to('Condition/x1') }] }, 'o1 hiv a1 p1', 'o1 hiv a1 p1'],
    ['is over', { type: 'deny', period: { end: '2020-01-01' } }, ALL, ALL],
    ['is not yet', { type: 'deny', period: { start: '2999-01-01' } }, ALL, ALL],
    ['denies for research', { type: 'deny', purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HRESCH' }] }, ALL, ALL],
    ['denies for treatment', { type: 'deny', purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] }, 'p1', 'p1'],
    ['denies by a criterion that the server cannot tell', { type: 'deny', code: [{ text: 'sensitive things' }] }, 'p1', 'p1'],
    ['permits by a criterion that the server cannot tell', { type: 'deny', provision: [{ type: 'permit', code: [{ text: 'harmless things' }] }] }, 'p1', 'p1'],
  ])('%s.', async (_title, provision, ofDoctor, ofOther) => {
    await put(consent(provision));
    expect([await open(doctor), await open(other)]).toEqual([ofDoctor, ofOther]);
  }); // prettier-ignore

  test('counts on every road, for backend services too, and not for the patient himself.', async () => {
    await put(consent({ type: 'deny' }));
    const plain = await fetch(`${server.baseUrl}/oauth2/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa('plain:secret-of-the-plain-client')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
    });
    const { access_token: client } = (await plain.json()) as { access_token: string };
    for (const token of [doctor, client])
      for (const [path, expected] of [
        ['Observation?_total=accurate', '200 of 1 Observation/o2'],
        ['Observation?patient=p1&_total=accurate', '200 of 0'],
        ['Patient?_has:Observation:patient:code:text=x', '200 Patient/p2'],
        ['Patient?_id=p1&_revinclude=Observation:patient', '200 Patient/p1'],
        ['Patient/p1/$everything', '200 Consent/c1 Patient/p1'],
        ['Observation/_history?_count=0', '200 of 1'],
        ['Observation/o1/_history', '404'],
        ['Observation/o1/_history/1', '404'],
        ['Appointment', '200'],
      ] as const)
        expect(
          `${path}: ${(await seen(server, token, path)).replace(/Organization\/\S+ ?/, '').trim()}`,
        ).toBe(`${path}: ${expected}`);
    const body = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: to('Patient/p1'),
    };
    expect(await seen(server, doctor, 'Observation', { method: 'POST', body })).toBe('403');
    expect(await open(await userToken(server, 'patient'))).toBe('o1 hiv x1 a1 p1');
  });

  test('ends when it is withdrawn or deleted.', async () => {
    await put(consent({ type: 'deny' }));
    expect(await open(doctor)).toBe('p1');
    expect((await server.fhir('DELETE', 'Consent/c1')).status).toBe(204);
    expect(await open(doctor)).toBe(ALL);
  });
});

describe('A label', () => {
  beforeEach(noConsent);

  test('closes what it marks to whom has no clearance for it.', async () => {
    expect(await open(doctor, ['Observation/o2', 'Observation/r2', 'DocumentReference/d2'])).toBe('o2');
    expect(await seen(server, doctor, 'Observation?patient=p2&_total=accurate')).toBe(
      '200 of 1 Observation/o2',
    );
    const trusted = await userToken(server, 'trusted');
    expect(await open(trusted, ['Observation/o2', 'Observation/r2', 'DocumentReference/d2'])).toBe('o2 r2');
  });

  test('can be neither set nor removed by who may not see it (attack 40).', async () => {
    const body = { resourceType: 'Observation', id: 'o2', status: 'final', code: { text: 'x' }, subject: to('Patient/p2') }; // prettier-ignore
    const security = [{ system: CONFIDENTIALITY, code: 'R' }];
    expect(
      await seen(server, doctor, 'Observation/o2', { method: 'PUT', body: { ...body, meta: { security } } }),
    ).toBe('403');
    expect(await seen(server, doctor, 'Observation/r2', { method: 'PUT', body: { ...body, id: 'r2' } })).toBe(
      '404',
    );
    const label = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { security } }] };
    expect(await seen(server, doctor, 'Observation/r2/$meta-delete', { method: 'POST', body: label })).toBe(
      '404',
    );
  });
});

describe('Breaking the glass', () => {
  const reason = (text: string): object => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'reason', valueString: text }],
  });
  const breakGlass = (
    token: string,
    patient: string,
    text = 'unconscious, nobody else in the house',
  ): Promise<string> =>
    seen(server, token, `Patient/${patient}/$break-glass`, { method: 'POST', body: reason(text) });

  test('needs a reason, a role that may, and a patient (attack 40).', async () => {
    expect(await breakGlass(doctor, 'p2', '')).toBe('400');
    expect(await breakGlass(doctor, 'nobody')).toBe('404');
    expect(await breakGlass(await userToken(server, 'receptionist'), 'p2')).toBe('403');
    expect(await breakGlass(await server.token('system/*.cruds'), 'p2')).toBe('403');
  });

  test('opens the record of this patient to this user, whatever Consents and labels say, and is told to the audit (attack 40).', async () => {
    await put(consent({ type: 'deny' }));
    await put({ resourceType: 'Patient', id: 'p3', managingOrganization: to('Organization/elsewhere') });
    expect([await open(doctor), await seen(server, doctor, 'Patient/p3')]).toEqual(['p1', '404']);
    for (const id of ['p1', 'p3']) expect(await breakGlass(doctor, id)).toBe('200');
    expect([await open(doctor), await seen(server, doctor, 'Patient/p3')]).toEqual([ALL, '200']);
    expect(await seen(server, doctor, 'Observation?patient=p1&_total=accurate')).toBe(
      '200 of 2 Observation/hiv Observation/o1',
    );
    expect(await open(other)).toBe('p1');
    expect(await open(doctor, ['Observation/r2'])).toBe('');
    const watch = await userToken(server, 'watch');
    const sealer = startTestSealer(server);
    const told = await eventually(async () => {
      const response = await server.fhir('GET', 'AuditEvent?subtype=110127&patient=p1', { token: watch });
      return ((await response.json()) as Bundle<AuditEvent>).entry?.[0]?.resource;
    });
    await sealer.stop();
    expect(told).toMatchObject({ purposeOfEvent: [{ coding: [{ code: 'BTG' }] }] });
    expect(told?.agent[0]?.who?.reference).toBe('Practitioner/doc');
  });
});

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let i = 0; i < 50; i += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}
