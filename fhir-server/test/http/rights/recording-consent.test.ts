/** A patient's agreement to be recorded: those who treat write it, and it hides nothing from anybody. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addRights, seen, userToken } from '../../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
const TERMS = 'http://terminology.hl7.org/CodeSystem';
const patient = { reference: 'Patient/p' };
const consent = (status: string) => ({
  resourceType: 'Consent',
  id: 'recording',
  status,
  scope: coding(`${TERMS}/consentscope`, 'patient-privacy'),
  category: [coding(`${TERMS}/v3-ActCode`, 'ICOL')],
  patient,
  dateTime: '2026-01-01T10:00:00Z',
  performer: [patient],
  policyRule: coding(`${TERMS}/v3-ActCode`, 'OPTIN'),
  verification: [{ verified: true, verifiedWith: patient, verificationDate: '2026-01-01T10:00:00Z' }],
  provision: {
    type: 'permit',
    period: { start: '2026-01-01T10:00:00Z', end: '2026-01-02T10:00:00Z' },
    action: [coding(`${TERMS}/consentaction`, 'collect')],
    purpose: [{ system: `${TERMS}/v3-ActReason`, code: 'TREAT' }],
    class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Media' }],
  },
});

beforeAll(async () => {
  server = await startTestServer();
  const nurse = { username: 'nurse', role: 'nurse', fhirUser: 'Practitioner/nurse', organization: CLINIC };
  await addRights(server, { users: [nurse] });
  for (const resource of [
    { resourceType: 'Patient', id: 'p', managingOrganization: { reference: CLINIC } },
    { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, subject: patient },
    { resourceType: 'Media', id: 'm', status: 'completed', subject: patient, content: { title: 'x' } },
  ]) {
    const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
    expect(response.status).toBe(201);
  }
}, 40_000);
afterAll(() => server.close());

test.each(['doctor', 'nurse'])(
  'A %s may give and withdraw it, and reads the record as before.',
  async (user) => {
    const token = await userToken(server, user);
    for (const status of ['active', 'inactive']) {
      const response = await server.fhir('PUT', 'Consent/recording', { token, body: consent(status) });
      expect([200, 201]).toContain(response.status);
      for (const reader of ['doctor', 'nurse']) {
        const reading = await userToken(server, reader);
        expect(await seen(server, reading, 'Observation?patient=p')).toBe('200 Observation/o');
        expect(await seen(server, reading, 'Media?patient=p')).toBe('200 Media/m');
      }
    }
  },
);
