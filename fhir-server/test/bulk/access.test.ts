/** Who gets what of a bulk export, and what becomes of it when rights end. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#security-considerations */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { appToken } from '../support/app-token.ts';
import { startTestSealer } from '../support/audit.ts';
import {
  ask,
  BULK_SETTINGS,
  exported,
  kickOff,
  lines,
  type Manifest,
  poll,
  startTestExporter,
} from '../support/bulk.ts';
import { searcher, type Sent } from '../support/searcher.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let exporter: { stop(): Promise<void> };
let pool: Pool;
const ROWS = { ...BULK_SETTINGS, BULK_BATCH_SIZE: '2', BULK_FILE_ROWS_MAX: '2', BULK_JOBS_MAX: '50' };

const patient = (id: string, gender: string): Sent => ({
  resourceType: 'Patient',
  id,
  gender,
  managingOrganization: { reference: CLINIC },
});
const of = (resourceType: string, id: string, subject: string, more: object = {}): Sent => ({
  resourceType,
  id,
  subject: { reference: `Patient/${subject}` },
  ...more,
});
const condition = (id: string, subject: string): Sent =>
  of('Condition', id, subject, { code: { text: 'x' } });
const observation = (id: string, subject: string, category = 'laboratory'): Sent =>
  of('Observation', id, subject, {
    status: 'final',
    code: { text: 'x' },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] },
    ],
  });
const group = (id: string, ...members: string[]): Sent => ({
  resourceType: 'Group',
  id,
  type: 'person',
  actual: true,
  member: members.map((m) => ({ entity: { reference: `Patient/${m}` } })),
});

beforeAll(async () => {
  server = await startTestServer(ROWS);
  exporter = startTestExporter(server, ROWS);
  pool = createPool(loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }));
  const ids = ['a', 'b', 'c', 'd', 'p1'];
  await searcher(server).store(
    ...ids.map((id, i) => patient(id, i % 2 ? 'male' : 'female')),
    ...ids.flatMap((id) => [condition(`c-${id}`, id), observation(`o-${id}`, id), observation(`v-${id}`, id, 'vital-signs')]), // prettier-ignore
    group('g1', 'a', 'b', 'c'),
    group('g2', 'd'),
    // As the second client's rights are.
    { ...group('tagged', 'a'), meta: { tag: [{ code: 'shared' }] } },
  );
  await addClient('other');
}, 30_000);
afterAll(async () => {
  await exporter.stop();
  await pool.end();
  await server.close();
});

const scopeOf = (clientId: string, scope: string) =>
  pool.query(`update auth.clients set document = document || jsonb_build_object('scope', $2::text) where client_id = $1`, [clientId, scope]); // prettier-ignore
const addClient = (clientId: string) =>
  pool.query(
    `insert into auth.clients (client_id, document)
     select $1, document || jsonb_build_object('clientId', $1::text) from auth.clients where client_id = 'backend'
     on conflict do nothing`,
    [clientId],
  );
const removeClient = (clientId: string) =>
  pool.query('delete from auth.clients where client_id = $1', [clientId]);

/** Of another backend client, which has the secret of the first. */
async function tokenOf(clientId: string, scope: string): Promise<string> {
  const response = await fetch(`${server.baseUrl}/oauth2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${clientId}:backend-secret-of-the-tests`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${response.status}`);
  return token;
}

const begin = async (path: string, token: string): Promise<string> => {
  const response = await kickOff(server, path, { token });
  expect(response.status).toBe(202);
  return response.headers.get('content-location') ?? '';
};

describe('scopes', () => {
  test('limit the types: others are left out, and refused where they are named. (attack 23, smart 164)', async () => {
    const token = await server.token('system/Patient.rs system/Observation.rs system/Group.r');
    const { names } = await exported(server, 'Group/g1/$export', { token });
    expect([...new Set(names.map((n) => n.split('/')[0]))].sort()).toEqual(['Observation', 'Patient']);
    expect(names).toHaveLength(3 + 6);
    expect((await kickOff(server, 'Group/g1/$export?_type=Patient,Condition', { token })).status).toBe(403);
    expect((await kickOff(server, '$export?_type=Condition', { token })).status).toBe(403);
  });

  test('without search, without read, and without Patient are no right to export.', async () => {
    for (const scope of ['system/Patient.r', 'system/Patient.s', 'system/Observation.rs']) {
      const token = await server.token(scope);
      expect([scope, (await kickOff(server, 'Patient/$export', { token })).status]).toEqual([scope, 403]);
    }
  });

  test('that are granular limit the rows, of whatever level the export is.', async () => {
    const category = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const token = await server.token(`system/Patient.rs?gender=male system/Observation.rs?category=${category} system/Group.rs`); // prettier-ignore
    const { names } = await exported(server, 'Group/g1/$export', { token });
    expect(names).toEqual(['Observation/o-b', 'Patient/b']);
    const all = await exported(server, 'Patient/$export', { token });
    expect(all.names).toEqual(['Observation/o-b', 'Observation/o-d', 'Patient/b', 'Patient/d']);
    const system = await exported(server, '$export?_type=Observation', { token });
    expect(system.names).toEqual(['a', 'b', 'c', 'd', 'p1'].map((id) => `Observation/o-${id}`));
  });

  test('decide about Groups: one that may not be read is as one that is not there. (attack 23)', async () => {
    const token = await server.token('system/*.rs?_tag=shared system/Patient.rs system/Condition.rs');
    expect((await kickOff(server, 'Group/tagged/$export', { token })).status).toBe(202);
    for (const id of ['g1', 'g2', 'nothing'])
      expect([id, (await kickOff(server, `Group/${id}/$export`, { token })).status]).toEqual([id, 404]);
    const without = await server.token('system/Patient.rs system/Condition.rs');
    expect((await kickOff(server, 'Group/g1/$export', { token: without })).status).toBe(403);
  });

  test('of a patient lead to his record, and to nobody else’s.', async () => {
    const token = await appToken(server, 'patient', 'launch/patient patient/*.rs');
    const { names } = await exported(server, 'Patient/$export', { token });
    expect(names).toEqual(['Condition/c-p1', 'Observation/o-p1', 'Observation/v-p1', 'Patient/p1']);
    expect((await kickOff(server, 'Group/g1/$export', { token })).status).toBe(403);
    const body = { resourceType: 'Parameters', parameter: [{ name: 'patient', valueReference: { reference: 'Patient/a' } }] }; // prettier-ignore
    expect((await kickOff(server, 'Patient/$export', { token, body })).status).toBe(400);
  });
});

describe('an export', () => {
  test('answers the client that began it, and no other. (attack 22, smart 163)', async () => {
    const { status, manifest } = await exported(server, 'Group/g1/$export?_type=Patient');
    const file = manifest.output[0]?.url ?? '';
    const other = await tokenOf('other', 'system/*.cruds');
    const doctor = await appToken(server, 'doctor', 'user/*.cruds');
    for (const token of [other, doctor])
      for (const [method, url] of [['GET', status], ['GET', file], ['HEAD', file], ['DELETE', status]] as const)
        expect([method, (await ask(server, url, { method, token })).status]).toEqual([method, 404]); // prettier-ignore
    for (const guess of [`${server.fhirBase}/bulk/1`, `${status}/1`, `${status}/${'x'.repeat(32)}`, `${server.fhirBase}/bulk/../bulk/x`, `${status}%00`])
      expect([guess, (await ask(server, guess)).status]).toEqual([guess, 404]); // prettier-ignore
    expect((await ask(server, file)).status).toBe(200);
  });

  test('of a user answers that user, with the rights of his role, and not another one of the app.', async () => {
    const doctor = await appToken(server, 'doctor', 'user/*.rs');
    const { names, status, manifest } = await exported(server, 'Patient/$export?_type=Patient,Observation', {
      token: doctor,
    });
    expect(names).toHaveLength(5 + 10);
    const desk = await appToken(server, 'receptionist', 'user/*.rs');
    for (const url of [status, manifest.output[0]?.url ?? ''])
      expect((await ask(server, url, { token: desk })).status).toBe(404);
    expect((await kickOff(server, 'Patient/$export?_type=Observation', { token: desk })).status).toBe(403);
  });

  test('is gone when its time is over. (attack 22)', async () => {
    const { status, manifest } = await exported(server, 'Group/g1/$export?_type=Patient');
    await pool.query(
      `update bulk.job set finished_at = finished_at - interval '1 day' - interval '1 second'`,
    );
    for (const url of [status, manifest.output[0]?.url ?? ''])
      expect((await ask(server, url)).status).toBe(404);
  });
});

describe('rights that end', () => {
  beforeEach(async () => {
    await addClient('other');
    await scopeOf('other', 'system/*.cruds');
  });

  test('of which the token had more than the client now has: what both have is left. (attack 24)', async () => {
    const token = await tokenOf('other', 'system/*.rs');
    await exporter.stop();
    const status = await begin('Group/g1/$export?_type=Patient,Observation,Condition', token);
    await scopeOf('other', 'system/Patient.rs system/Observation.rs system/Group.rs system/Condition.r');
    exporter = startTestExporter(server, ROWS);
    const again = await tokenOf('other', 'system/Patient.rs system/Observation.rs');
    const manifest = (await (await poll(server, status, { token: again })).json()) as Manifest;
    expect([...new Set(manifest.output.map(({ type }) => type))].sort()).toEqual(['Observation', 'Patient']);
    expect(manifest.error).toHaveLength(1);
    const [file] = manifest.output;
    expect((await ask(server, file?.url ?? '', { token: again })).status).toBe(200);
  });

  test('while it runs: the type is left out, which the manifest tells. (attack 24)', async () => {
    const token = await tokenOf(
      'other',
      'system/Patient.rs system/Observation.rs system/Condition.rs system/Group.rs',
    );
    await exporter.stop();
    const status = await begin('Group/g1/$export?_type=Patient,Observation,Condition', token);
    await scopeOf('other', 'system/Patient.rs system/Observation.rs system/Group.rs');
    exporter = startTestExporter(server, ROWS);
    const again = await tokenOf('other', 'system/Patient.rs system/Observation.rs system/Group.rs');
    const manifest = (await (await poll(server, status, { token: again })).json()) as Manifest;
    expect([...new Set(manifest.output.map(({ type }) => type))].sort()).toEqual(['Observation', 'Patient']);
    const [told] = await lines(server, manifest.error, { token: again });
    expect(told).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'warning' }] });
    expect(JSON.stringify(told)).toContain('Condition is left out');
  });

  test('of the client itself: the job fails and nothing can be fetched. (attack 24, smart 165)', async () => {
    const token = await tokenOf('other', 'system/*.rs');
    await exporter.stop();
    const status = await begin('Group/g1/$export', token);
    await removeClient('other');
    exporter = startTestExporter(server, ROWS);
    for (;;) {
      const { rows } = await pool.query<{ state: string }>('select state from bulk.job where id = $1', [
        status.slice(-32),
      ]);
      if (rows[0]?.state === 'failed') break;
    }
    expect((await ask(server, status, { token })).status).toBe(401);
    await addClient('other');
    const answer = await ask(server, status, { token: await tokenOf('other', 'system/*.rs') });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error' }],
    });
  });

  test('after it: files that were written with more are refused, and with a token of less. (attack 24)', async () => {
    const token = await tokenOf('other', 'system/Patient.rs system/Observation.rs');
    const { manifest } = await exported(server, 'Patient/$export', { token });
    const url = (type: string): string => manifest.output.find((f) => f.type === type)?.url ?? '';
    const less = await tokenOf('other', 'system/Patient.rs');
    expect((await ask(server, url('Patient'), { token: less })).status).toBe(200);
    expect((await ask(server, url('Observation'), { token: less })).status).toBe(403);
    await scopeOf('other', 'system/Patient.rs system/Observation.rs?category=laboratory');
    const granular = await tokenOf('other', 'system/Patient.rs system/Observation.rs?category=laboratory');
    expect((await ask(server, url('Observation'), { token: granular })).status).toBe(403);
    expect((await ask(server, url('Patient'), { token })).status).toBe(403);
    await removeClient('other');
    // Written behind the server's back: it hears of it a moment later.
    const status = async (): Promise<number> => (await ask(server, url('Patient'), { token })).status;
    for (let tries = 0; tries < 100 && (await status()) !== 401; tries += 1) await sleep(20);
    expect(await status()).toBe(401);
  });
});

test('Hidden elements are in no file, and no filter tells of them.', async () => {
  const hide = (elements: string) =>
    pool.query(`update auth.access_policy set document = document || jsonb_build_object('elements', $1::jsonb) where name = 'client'`, [elements]); // prettier-ignore
  await hide('[{"resourceType":"Patient","hidden":["gender"]}]');
  const { manifest } = await exported(server, 'Group/g2/$export?_type=Patient');
  const [line] = await lines(server, manifest.output);
  expect([line?.id, line?.['gender']]).toEqual(['d', undefined]);
  const response = await kickOff(server, 'Patient/$export?_type=Patient&_typeFilter=Patient%3Fgender%3Dmale');
  expect([400, 403]).toContain(response.status);
  await pool.query(`update auth.access_policy set document = document - 'elements' where name = 'client'`);
});

test('The audit has the kick-off, the end, each download, and what was refused.', async () => {
  const sealer = startTestSealer(server);
  const { status, manifest } = await exported(server, 'Group/g2/$export?_type=Patient');
  const other = await tokenOf('other', 'system/*.rs').catch(async () => {
    await addClient('other');
    return tokenOf('other', 'system/*.rs');
  });
  await ask(server, manifest.output[0]?.url ?? '', { token: other });
  await ask(server, status, { method: 'DELETE' });
  type Event = { outcome: string; outcomeDesc?: string; action: string; entity?: { what?: { reference?: string }; query?: string }[] }; // prettier-ignore
  const wanted = ['4 R HTTP 404', '0 D', '0 E', '0 E exported 1 resources', '0 R'];
  let found: Event[] = [];
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const bundle = await searcher(server).bundle(
      'AuditEvent?subtype=operation&_count=500&_sort=-_lastUpdated',
    );
    found = (bundle.entry ?? []).map(({ resource }) => resource as unknown as Event);
    const told = found.map((e) => `${e.outcome} ${e.action} ${e.outcomeDesc ?? ''}`.trim());
    if (wanted.every((one) => told.includes(one))) break;
  }
  await sealer.stop();
  const told = found.map((e) => `${e.outcome} ${e.action} ${e.outcomeDesc ?? ''}`.trim());
  expect(told).toEqual(expect.arrayContaining(wanted));
  // The patient's own record of disclosures has the export.
  const ofPatient = found.filter(({ entity = [] }) => entity.some((e) => e.what?.reference === 'Patient/d'));
  expect(ofPatient.map((e) => e.outcomeDesc)).toContain('exported 1 resources');
  const queries = found.flatMap(({ entity = [] }) => entity.flatMap((e) => (e.query ? [atob(e.query)] : [])));
  expect(queries).toContain(`${server.fhirBase}/Group/g2/$export?_type=Patient#Patient`);
}, 30_000);
