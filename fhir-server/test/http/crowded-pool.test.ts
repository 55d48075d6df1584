/** A server whose every connection is in use goes on: what has one does not wait for another. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSecondApi } from '../support/second-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.fhir('POST', '', {
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: { resourceType: 'Practitioner', id: 'd' }, request: { method: 'PUT', url: 'Practitioner/d' } },
        { resource: { resourceType: 'Patient', id: 'p' }, request: { method: 'PUT', url: 'Patient/p' } },
        {
          resource: {
            resourceType: 'MedicationRequest',
            id: 'm',
            status: 'active',
            intent: 'order',
            medicationCodeableConcept: { text: 'x' },
            subject: { reference: 'Patient/p' },
            requester: { reference: 'Practitioner/d' },
          },
          request: { method: 'PUT', url: 'MedicationRequest/m' },
        },
      ],
    },
  }); // prettier-ignore
}, 30_000);
afterAll(() => server.close());

const SEARCHES = [
  'MedicationRequest?patient=p&_include=MedicationRequest:requester',
  'Patient?_has:MedicationRequest:patient:status=active&_revinclude=MedicationRequest:patient',
  'MedicationRequest?patient._id=p&_include=*',
  'Patient/p/$everything',
  'Patient/p/MedicationRequest?_include=MedicationRequest:requester',
];

test('Searches in several steps that come at once to a server that has just started are answered.', async () => {
  const token = await server.token('system/*.cruds');
  const api = await startSecondApi(server, { DATABASE_POOL_SIZE: '2' });
  try {
    const answers = await Promise.all(
      [...SEARCHES, ...SEARCHES].map(async (path) => {
        const response = await api.get(path, token);
        return [path, response.status];
      }),
    );
    expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
  } finally {
    await api.close();
  }
});
