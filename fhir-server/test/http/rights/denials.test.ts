/** A Consent counts from the moment it is acknowledged, though a process keeps whose Consents deny something. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, type Pool } from '../../../src/db/index.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { listenersOf, whileDeaf } from '../../support/listeners.ts';
import { userToken } from '../../support/rights.ts';
import { type SecondApi, startSecondApi } from '../../support/second-api.ts';
import { CLINIC, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let second: SecondApi;
let pool: Pool;
let doctor: string;

/** How another process learns of it. */
const HEARD_MS = 2_000;

const put = async (resource: { resourceType: string; id: string }): Promise<void> => {
  const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
  if (!response.ok) throw new Error(await response.text());
};

const consent = (patient: string, type: 'deny' | 'permit'): { resourceType: string; id: string } =>
  ({
    resourceType: 'Consent',
    id: `of-${patient}`,
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${patient}` },
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: { type },
  }) as { resourceType: string; id: string };

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  for (const id of ['p1', 'p2']) {
    await put({
      resourceType: 'Patient',
      id,
      ...{ managingOrganization: { reference: CLINIC } },
    });
    await put({
      resourceType: 'Observation',
      id: `of-${id}`,
      ...{ status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${id}` } },
    });
  }
  second = await startSecondApi(server);
  doctor = await userToken(server, 'doctor');
}, 40_000);
afterAll(async () => {
  await second.close();
  await pool.end();
  await server.close();
});
beforeEach(async () => {
  for (const id of ['p1', 'p2']) await put(consent(id, 'permit'));
});

const found = async (response: Response): Promise<string> =>
  (
    ((await response.json()) as { entry?: { resource: { id: string } }[] }).entry?.map(
      ({ resource }) => resource.id,
    ) ?? []
  ).join(' ');
const here = async (path: string): Promise<string> =>
  found(await server.fhir('GET', path, { token: doctor }));
const there = async (path: string): Promise<string> => found(await second.get(path, doctor));

async function eventually(look: () => Promise<string>, expected: string): Promise<void> {
  const until = Date.now() + HEARD_MS;
  while ((await look()) !== expected && Date.now() < until) await sleep(10);
  expect(await look()).toBe(expected);
}

test.each(['nobody', 'another patient'])(
  'It is in force when it is answered, however late changes are told, after %s has denied anything.',
  async (who) => {
    if (who !== 'nobody') await put(consent('p2', 'deny'));
    const others = who === 'nobody' ? ['of-p1 of-p2', 'of-p2'] : ['of-p1', ''];
    for (const path of ['Observation', 'Observation?patient=p1']) expect(await here(path)).toContain('of-p1');
    await whileDeaf(pool, 'consents_changed', async () => {
      await put(consent('p1', 'deny'));
      expect(await here('Observation')).toBe(others[1]);
      expect(await here('Observation?patient=p1')).toBe('');
      expect((await server.fhir('GET', 'Observation/of-p1', { token: doctor })).status).toBe(404);
    });
    await put(consent('p1', 'permit'));
    expect(await here('Observation')).toBe(others[0]);
  },
);

test('A transaction that writes a Consent heeds it in what it reads.', async () => {
  expect(await here('Observation')).toBe('of-p1 of-p2');
  const body = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { request: { method: 'PUT', url: 'Consent/of-p1' }, resource: consent('p1', 'deny') },
      { request: { method: 'GET', url: 'Observation' } },
      { request: { method: 'GET', url: 'Observation?patient=p1' } },
    ],
  };
  const response = await server.fhir('POST', '', { token: doctor, body });
  const answer = (await response.json()) as {
    entry: { resource?: { entry?: { resource: { id: string } }[] } }[];
  };
  const read = answer.entry.map(({ resource }) => resource?.entry?.map((e) => e.resource.id));
  expect([response.status, ...read.slice(1)]).toEqual([200, ['of-p2'], undefined]);
});

test('Other processes are told.', async () => {
  await eventually(() => there('Observation'), 'of-p1 of-p2');
  await put(consent('p1', 'deny'));
  await eventually(() => there('Observation'), 'of-p2');
  await eventually(() => there('Observation?patient=p1'), '');
  expect(await there('Observation?patient=p2')).toBe('of-p2');
  expect((await server.fhir('DELETE', 'Consent/of-p1')).status).toBe(204);
  await eventually(() => there('Observation?patient=p1'), 'of-p1');
});

test('A process that is not told asks.', async () => {
  await eventually(() => there('Observation'), 'of-p1 of-p2');
  for (const pid of await listenersOf(pool, 'consents_changed'))
    await pool.query('select pg_terminate_backend($1)', [pid]);
  await sleep(100);
  await put(consent('p1', 'deny'));
  expect(await there('Observation')).toBe('of-p2');
  expect(await there('Observation?patient=p1')).toBe('');
});
