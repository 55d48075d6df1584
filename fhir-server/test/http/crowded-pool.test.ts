/** A server whose every connection is in use goes on: what has one does not wait for another. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApi } from '../../src/api.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
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
  const port = await pickPort();
  const config = loadConfig({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: server.dataDir,
    PORT: String(port),
    // Tokens are for one base.
    BASE_URL: server.baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    LOG_LEVEL: 'fatal',
    DATABASE_POOL_SIZE: '1',
  });
  const token = await server.token('system/*.cruds');
  const api = await startApi(config, createLogger('test', 'fatal'));
  try {
    const answers = await Promise.all(
      [...SEARCHES, ...SEARCHES].map(async (path) => {
        const response = await fetch(`http://localhost:${port}/fhir/R4/${path}`, {
          headers: { Authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(20_000),
        });
        return [path, response.status];
      }),
    );
    expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
  } finally {
    await api.close();
  }
});
