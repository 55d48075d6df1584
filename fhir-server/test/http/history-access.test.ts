/** The history that a caller with restricted rights sees: each version is decided by its own content. https://hl7.org/fhir/R4/http.html#history */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { historyReader, named, nextPath, type HistoryReader } from '../support/history-reader.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let history: HistoryReader['page'];
let allPages: HistoryReader['allPages'];
let put: HistoryReader['put'];
/** Of a doctor's app that was opened for one patient, p1. */
let token: string;

const observation = (id: string, of: string, text = 'x') => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text },
  subject: { reference: `Patient/${of}` },
});

beforeAll(async () => {
  server = await startTestServer();
  ({ page: history, allPages, put } = historyReader(server));
  await put({ resourceType: 'Basic', id: 'a', code: { text: 'x' } });
  for (const subject of ['p1', 'p2'])
    await put({ resourceType: 'Patient', id: subject, managingOrganization: { reference: CLINIC } });
  for (let i = 0; i < 4; i += 1)
    for (const subject of ['p1', 'p2']) await put(observation(`o-${subject}`, subject, `text ${i}`));
  // It changes the patient that it is about, and back.
  for (const subject of ['p2', 'p1', 'p2']) await put(observation('o-moves', subject, `of ${subject}`));
  await put(observation('o-gone', 'p1'));
  await server.fhir('DELETE', 'Observation/o-gone');
  token = await appToken(server, 'doctor', 'launch/patient patient/*.rs');
}, 30_000);
afterAll(() => server.close());

test('An app for one patient sees the versions of his record alone, and no deletion.', async () => {
  const all = await history('Observation/_history', { token });
  const expected = ['o-gone W/"1"', 'o-moves W/"2"', ...[4, 3, 2, 1].map((n) => `o-p1 W/"${n}"`)];
  expect(all.entry?.map(named)).toEqual(expected.map((name) => `Observation/${name}`));
  expect(all.total).toBe(6);
  expect(JSON.stringify(all)).not.toContain('p2');
  for (const count of [1, 2, 4]) {
    const paged = await allPages(`Observation/_history?_count=${count}`, { token });
    expect(paged.map(named)).toEqual(all.entry?.map(named));
  }
  expect(nextPath(await history('Observation/_history?_count=6', { token }))).toBeUndefined();
  expect(await history('Observation/_history?_count=0', { token })).toMatchObject({ total: 6 });
});

test('The app sees of the whole system what it sees of each type.', async () => {
  const entries = await allPages('_history?_count=3', { token });
  expect(entries.filter((e) => named(e).startsWith('Observation/'))).toHaveLength(6);
  expect(entries.map(named)).toContain('Patient/p1 W/"1"');
  expect(JSON.stringify(entries)).not.toMatch(/p2|Basic/);
});

test('The app is told no more of one resource than its own versions.', async () => {
  const moves = await history('Observation/o-moves/_history', { token });
  expect(moves.entry?.map(named)).toEqual(['Observation/o-moves W/"2"']);
  expect(moves.total).toBe(1);
  for (const path of ['Observation/o-p2/_history', 'Observation/o-p2/_history?_count=0'])
    expect((await server.fhir('GET', path, { token })).status).toBe(404);
  const since = await history('Observation/o-p2/_history?_since=2020-01-01T00:00:00Z', { token });
  expect(since).toMatchObject({ total: 0 });
});

test('A patient sees what a clinician approved, and not the versions before.', async () => {
  const own = await appToken(server, 'patient', 'launch/patient patient/*.rs');
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'AIAST' }];
  const proposed = { ...observation('o-ai', 'p1'), status: 'preliminary', meta: { security } };
  await put(proposed);
  await put({ ...proposed, status: 'final' });
  const entries = await allPages('Observation/_history', { token: own });
  expect(entries.map(named).filter((name) => name.includes('o-ai'))).toEqual(['Observation/o-ai W/"2"']);
  const one = await history('Observation/o-ai/_history', { token: own });
  expect(one.entry?.map(named)).toEqual(['Observation/o-ai W/"2"']);
  await server.fhir('DELETE', 'Observation/o-ai');
});

test('A client has to ask for search rights, and gets the types that it has them for.', async () => {
  const reader = await server.token('system/Patient.r');
  expect((await server.fhir('GET', 'Patient/_history', { token: reader })).status).toBe(403);
  expect((await server.fhir('GET', '_history', { token: reader })).status).toBe(403);
  const ofBasic = await server.token('system/Basic.rs system/Patient.r');
  expect((await server.fhir('GET', 'Patient/_history', { token: ofBasic })).status).toBe(403);
  const entries = await allPages('_history', { token: ofBasic });
  expect(new Set(entries.map((e) => named(e).split('/')[0]))).toEqual(new Set(['Basic']));
});

test('The app goes on behind many versions of others, by a link that does not tell of them.', async () => {
  const entry = Array.from({ length: 130 }, (_, i) => ({
    resource: observation(`many-p2-${i}`, 'p2'),
    request: { method: 'PUT', url: `Observation/many-p2-${i}` },
  }));
  for (let i = 0; i < 10; i += 1) {
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server.fhir('POST', '', { body })).status).toBe(200);
  }
  const first = await history('Observation/_history', { token });
  expect(first.entry).toBeUndefined();
  expect(first.total).toBeUndefined();
  const link = nextPath(first)!;
  const cursor = new URLSearchParams(link.split('?')[1]).get('_cursor')!;
  expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('p2');
  const behind = await allPages('Observation/_history', { token });
  expect(behind.map(named)).toContain('Observation/o-p1 W/"1"');
  const count = await server.fhir('GET', 'Observation/_history?_count=0', { token });
  expect([count.status, ((await count.json()) as OperationOutcome).issue[0]?.code]).toEqual([
    503,
    'too-costly',
  ]);
}, 30_000);
