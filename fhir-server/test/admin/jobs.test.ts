/** Work in the background as administrators see it: whose it is and how far, and nothing of what an export contains. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startAdministration, type Administration } from '../support/admin.ts';
import { appToken } from '../support/app-token.ts';
import { expectInAudit } from '../support/audit.ts';
import { ASYNC, BULK_SETTINGS, startTestExporter } from '../support/bulk.ts';
import { REINDEX_SETTINGS, startTestWorker } from '../support/reindex.ts';
import { setTimeout as sleep } from 'node:timers/promises';

let admin: Administration;

beforeAll(async () => {
  admin = await startAdministration({ ...BULK_SETTINGS, ...REINDEX_SETTINGS });
  for (const id of ['p1', 'p2'])
    await admin.server.fhir('PUT', `Patient/${id}`, {
      body: {
        resourceType: 'Patient',
        id,
        name: [{ family: 'Quintero' }],
        managingOrganization: { reference: 'Organization/o' },
      },
    });
}, 60_000);

afterAll(() => admin.close());

interface Listed extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
}
const jobs = async (): Promise<readonly Listed[]> =>
  (await admin.asBoss('GET', '/jobs')).body['jobs'] as readonly Listed[];

async function until(holds: (jobs: readonly Listed[]) => boolean): Promise<readonly Listed[]> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    const listed = await jobs();
    if (holds(listed)) return listed;
  }
  throw new Error(JSON.stringify(await jobs()));
}

async function beginExport(path: string, token?: string): Promise<{ id: string; status: string }> {
  const answer = await admin.server.fhir('GET', path, {
    headers: ASYNC,
    ...(token === undefined ? {} : { token }),
  });
  const status = answer.headers.get('content-location') ?? '';
  expect([answer.status, status]).toEqual([202, expect.stringContaining('/bulk/')]);
  return { id: status.split('/').at(-1) ?? '', status };
}

test('An export is listed with whose it is and how far, and nothing of what it asks for.', async () => {
  const service = await beginExport('$export?_type=Patient&_typeFilter=Patient%3Ffamily%3DQuintero');
  const user = await beginExport('Patient/$export?_type=Patient', await appToken(admin.server, 'doctor', 'openid fhirUser user/*.cruds')); // prettier-ignore
  const listed = await jobs();
  expect(listed.find(({ id }) => id === service.id)).toEqual({
    kind: 'export',
    id: service.id,
    state: 'waiting',
    since: expect.stringMatching(/^\d{4}-/) as unknown,
    clientId: 'backend',
    done: 0,
    share: 0,
  });
  expect(listed.find(({ id }) => id === user.id)).toMatchObject({ clientId: 'app', username: 'doctor' });
  expect(JSON.stringify(listed)).not.toMatch(/Quintero|family|Filter|_type|"Patient/);
  const exporter = startTestExporter(admin.server);
  const over = await until((all) =>
    all.filter(({ kind }) => kind === 'export').every(({ state }) => state === 'done'),
  );
  await exporter.stop();
  expect(over.find(({ id }) => id === service.id)).toMatchObject({
    done: 2,
    share: 1,
    until: expect.any(String) as unknown,
  });
});

test('An export is ended by whoever may, with its files and a record; nobody else may, and the client gets 404.', async () => {
  const { server, call, tokens, asBoss } = admin;
  const { id, status } = await beginExport('$export?_type=Patient');
  const exporter = startTestExporter(server);
  await until((all) => all.find((job) => job.id === id)?.state === 'done');
  await exporter.stop();
  const folder = join(server.dataDir, 'bulk', id);
  expect(existsSync(folder)).toBe(true);
  for (const token of [undefined, tokens.clerk, await server.token('system/*.cruds')]) {
    const wanted = token === undefined ? 401 : 403;
    expect((await call(token, 'GET', '/jobs')).status).toBe(wanted);
    expect((await call(token, 'DELETE', `/jobs/${id}`)).status).toBe(wanted);
  }
  expect((await asBoss('DELETE', `/jobs/${id}`)).status).toBe(204);
  expect([existsSync(folder), (await jobs()).some((job) => job.id === id)]).toEqual([false, false]);
  await expectInAudit(server, 'an export ended by an administrator');
  expect((await server.fhir('GET', status.replace(`${server.fhirBase}/`, ''))).status).toBe(404);
  for (const other of [id, 'nonsense', '..%2F..%2Fbinary', '%00', 'a'.repeat(500), crypto.randomUUID()])
    expect([other, (await asBoss('DELETE', `/jobs/${other}`)).status]).toEqual([other, 404]);
});

test('An indexing is listed with its reason and how far it is, and is not ended.', async () => {
  const answer = await admin.server.fhir('POST', 'Patient/$reindex');
  expect(answer.status).toBe(202);
  const [waiting] = await until((all) => all.some(({ kind }) => kind === 'reindex'));
  const indexing = (await jobs()).find(({ kind, state }) => kind === 'reindex' && state === 'waiting');
  expect([waiting?.state, indexing]).toEqual([
    'waiting',
    expect.objectContaining({ reason: 'request', done: 0 }),
  ]);
  expect((await admin.asBoss('DELETE', `/jobs/${indexing?.id}`)).status).toBe(409);
  const worker = startTestWorker(admin.server);
  const over = await until((all) => all.find(({ id }) => id === indexing?.id)?.state === 'done');
  await worker.stop();
  expect(over.find(({ id }) => id === indexing?.id)).toMatchObject({ done: 2, total: 2, share: 1 });
  expect(over.find(({ id }) => id === indexing?.id)).not.toHaveProperty('hasFailed');
});
