/** $export: kick-off, status, manifest and files. https://hl7.org/fhir/uv/bulkdata/STU2/export.html */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes';
import {
  ask,
  ASYNC,
  BULK_SETTINGS,
  exported,
  kickOff,
  lines,
  type Manifest,
  poll,
  startTestExporter,
} from '../support/bulk.ts';
import { searcher, type Sent } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let exporter: { stop(): Promise<void> };

const SMALL = { ...BULK_SETTINGS, BULK_BATCH_SIZE: '7', BULK_FILE_ROWS_MAX: '20', BULK_JOBS_MAX: '3' };

const patient = (id: string, more: object = {}): Sent => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: 'Organization/clinic' },
  ...more,
});
const observation = (id: string, of: string, more: object = {}): Sent => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: of },
  ...more,
});

/** p0 to p59 with an Observation each; the Group has p0 to p29, of whom p1 has left. */
const PATIENTS = 60;
const name = (i: number): string => `p${i}`;

beforeAll(async () => {
  server = await startTestServer(SMALL);
  exporter = startTestExporter(server, SMALL);
  const all = Array.from({ length: PATIENTS }, (_, i) => i);
  await searcher(server).store(
    ...all.map((i) => patient(name(i), i % 2 ? { gender: 'male' } : { gender: 'female' })),
    ...all.map((i) => observation(`o${i}`, `Patient/${name(i)}`, { status: i % 2 ? 'final' : 'preliminary' })),
    // Of two patients whose turns come apart.
    observation('shared', 'Patient/p29', { performer: [{ reference: 'Patient/p0' }, { reference: 'Practitioner/doc' }] }),
    observation('of-device', 'Device/free'),
    { resourceType: 'Organization', id: 'clinic', name: 'Clinic', partOf: { reference: 'Organization/chain' } },
    { resourceType: 'Organization', id: 'chain', name: 'Chain' },
    { resourceType: 'Organization', id: 'other', name: 'Other' },
    { resourceType: 'Practitioner', id: 'doc' },
    { resourceType: 'Device', id: 'free' },
    { resourceType: 'Device', id: 'pump', patient: { reference: 'Patient/p2' } },
    { resourceType: 'Device', id: 'others-pump', patient: { reference: 'Patient/p50' } },
    { resourceType: 'Provenance', id: 'of-o0', target: [{ reference: 'Observation/o0' }], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { reference: 'Practitioner/doc' } }] },
    { resourceType: 'Provenance', id: 'of-o50', target: [{ reference: 'Observation/o50' }], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { reference: 'Practitioner/doc' } }] },
    { resourceType: 'DocumentReference', id: 'doc', status: 'current', subject: { reference: 'Patient/p3' }, content: [{ attachment: { url: 'Binary/abc', contentType: 'text/plain' } }] },
    {
      resourceType: 'Group',
      id: 'g1',
      type: 'person',
      actual: true,
      member: all.slice(0, 30).map((i) => ({ entity: { reference: `Patient/${name(i)}` }, ...(i === 1 && { inactive: true }) })),
    },
  ); // prettier-ignore
}, 30_000);
afterAll(async () => {
  await exporter.stop();
  await server.close();
});

const refusal = async (path: string, options = {}): Promise<unknown> => {
  const response = await kickOff(server, path, options);
  const { issue } = (await response.json()) as Partial<OperationOutcome>;
  return [response.status, issue?.[0]?.severity];
};

/** Accepted, and deleted at once. */
const accepted = async (path: string, options = {}): Promise<number> => {
  const response = await kickOff(server, path, options);
  const status = response.headers.get('content-location');
  if (status !== null) await ask(server, status, { method: 'DELETE' });
  return response.status;
};

describe('the CapabilityStatement', () => {
  test('names the operation of Group by its canonical, and the statement that it fulfils. (smart 151, smart 133)', async () => {
    const statement = (await (await server.fhir('GET', 'metadata')).json()) as CapabilityStatement;
    expect(statement.instantiates).toContain('http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data');
    const [rest] = statement.rest ?? [];
    const of = (type: string) => rest?.resource?.find((r) => r.type === type)?.operation?.find((o) => o.name === 'export')?.definition; // prettier-ignore
    expect(of('Group')).toBe('http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export');
    expect(of('Patient')).toBe('http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export');
    expect(rest?.operation).toContainEqual({ name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' }); // prettier-ignore
  });
});

describe('kick-off', () => {
  test('answers 202 with the absolute address of the status. (smart 152)', async () => {
    const response = await kickOff(server, 'Group/g1/$export');
    expect(response.status).toBe(202);
    const status = response.headers.get('content-location') ?? '';
    expect(status).toMatch(new RegExp(`^${server.fhirBase}/bulk/[A-Za-z0-9_-]{32}$`));
    expect((await ask(server, status, { method: 'DELETE' })).status).toBe(202);
  });

  test('without a token is 401; without Prefer: respond-async, or in a batch, 400. (smart 153)', async () => {
    expect((await kickOff(server, 'Group/g1/$export', { token: null })).status).toBe(401);
    expect((await server.fhir('GET', 'Group/g1/$export')).status).toBe(400);
    const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient/$export' } }] }; // prettier-ignore
    const answer = (await (await server.fhir('POST', '', { body: batch, headers: ASYNC })).json()) as { entry: { response: { status: string } }[] }; // prettier-ignore
    expect(answer.entry[0]?.response.status).toMatch(/^400/);
  });

  test('takes the three names of the format, and no other. (smart 154)', async () => {
    for (const format of [
      'application/fhir+ndjson',
      'application%2Ffhir%2Bndjson',
      'application/ndjson',
      'ndjson',
    ])
      expect([format, await accepted(`Patient/$export?_outputFormat=${format}`)]).toEqual([format, 202]);
    expect(await refusal('Patient/$export?_outputFormat=application/parquet')).toEqual([400, 'error']);
  });

  test('takes an instant for _since, and known types; unknown ones with leniency only. (smart 155)', async () => {
    expect(await accepted('$export?_since=2020-01-01T10:00:00.000%2B02:00')).toBe(202);
    expect(await accepted('$export?_since=2020-01-01T10:00:00Z')).toBe(202);
    for (const bad of ['2020-01-01', 'yesterday', '2020-13-01T10:00:00Z'])
      expect([bad, await refusal(`$export?_since=${bad}`)]).toEqual([bad, [400, 'error']]);
    expect(await refusal('$export?_type=Patient,Nothing')).toEqual([400, 'error']);
    expect(await accepted('$export?_type=Patient,Nothing', { headers: { Prefer: 'respond-async, handling=lenient' } })).toBe(202); // prettier-ignore
    expect(await refusal('$export?_type=Nothing', { headers: { Prefer: 'respond-async, handling=lenient' } })).toEqual([400, 'error']); // prettier-ignore
  });

  test('refuses what it does not know: parameters, result parameters, chains, other types. (attack 23)', async () => {
    for (const query of [
      'includeAssociatedData=LatestProvenanceResources',
      'unknown=1',
      'patient=Patient/p1',
      '_typeFilter=Observation%3F_include%3DObservation:subject',
      '_typeFilter=Observation%3Fsubject:Patient.name%3Dx',
      '_typeFilter=Observation%3F_has:Provenance:target:_id%3Dx',
      '_typeFilter=Observation%3Fnothing%3Dx',
      '_typeFilter=Observation',
      '_type=Patient&_typeFilter=Observation%3Fstatus%3Dfinal',
      '_type=Binary',
      '_type=Parameters',
      '_elements=a.b.c',
    ])
      expect([query, await refusal(`Patient/$export?${query}`)]).toEqual([query, [400, 'error']]);
    expect(await refusal('Patient/$export?_type=ValueSet')).toEqual([400, 'error']);
    expect(await accepted('$export?includeAssociatedData=LatestProvenanceResources', { headers: { Prefer: 'respond-async, handling=lenient' } })).toBe(202); // prettier-ignore
  });

  test('beyond the number of exports of a client is 429 with Retry-After. (smart 165)', async () => {
    await exporter.stop();
    const begun = await Promise.all([1, 2, 3, 4, 5].map(() => kickOff(server, 'Patient/$export')));
    const statuses = begun.map(({ status }) => status).sort();
    expect(statuses).toEqual([202, 202, 202, 429, 429]);
    expect(begun.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/);
    const waiting = begun.flatMap((r) => r.headers.get('content-location') ?? []);
    const response = await ask(server, waiting[0] ?? '');
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(response.headers.get('x-progress')).toBeTruthy();
    for (const status of waiting) await ask(server, status, { method: 'DELETE' });
    exporter = startTestExporter(server, SMALL);
  });
});

describe('an export', () => {
  test('of a Group has its patients, their records, and what these refer to. (smart 157, smart 158, smart 161)', async () => {
    const { manifest, names } = await exported(server, 'Group/g1/$export');
    expect(manifest).toMatchObject({ request: `${server.fhirBase}/Group/g1/$export`, requiresAccessToken: true, deleted: [], error: [] }); // prettier-ignore
    expect(Date.parse(manifest.transactionTime)).toBeLessThanOrEqual(Date.now());
    const members = Array.from({ length: 30 }, (_, i) => i).filter((i) => i !== 1);
    const wanted = [
      ...members.map((i) => `Patient/${name(i)}`),
      ...members.map((i) => `Observation/o${i}`),
      ...['Observation/shared', 'Organization/clinic', 'Organization/chain', 'Practitioner/doc'],
      ...['Device/pump', 'Provenance/of-o0', 'DocumentReference/doc'],
    ];
    expect(names).toEqual(wanted.sort());
  });

  test('of all patients has what is of a patient, and of all the rest too at the level of the system.', async () => {
    const ofPatients = await exported(server, 'Patient/$export');
    expect(ofPatients.names.filter((n) => n.startsWith('Patient/'))).toHaveLength(PATIENTS);
    expect(ofPatients.names.filter((n) => n.startsWith('Observation/'))).toHaveLength(PATIENTS + 1);
    expect(ofPatients.names).toEqual(
      expect.arrayContaining(['Device/pump', 'Device/others-pump', 'Provenance/of-o50']),
    );
    expect(ofPatients.names).not.toContain('Organization/other');
    const { names, manifest } = await exported(server, '$export');
    expect(names).toEqual(expect.arrayContaining([...ofPatients.names, 'Observation/of-device', 'Organization/other', 'Device/free'])); // prettier-ignore
    expect(new Set(names).size).toBe(names.length);
    // The rows of a file are limited.
    const ofType = manifest.output.filter(({ type }) => type === 'Observation');
    expect(ofType.length).toBeGreaterThan(2);
    for (const file of ofType) expect((await lines(server, [file])).length).toBe(file.count);
  });

  test('has files of one type, a resource a line, for who has a token. (smart 159, smart 160)', async () => {
    const { manifest } = await exported(server, 'Group/g1/$export?_type=Patient,Observation');
    expect([...new Set(manifest.output.map(({ type }) => type))].sort()).toEqual(['Observation', 'Patient']);
    for (const { url, type, count } of manifest.output) {
      expect((await ask(server, url, { token: null })).status).toBe(401);
      const response = await ask(server, url, { headers: { Accept: 'application/fhir+ndjson' } });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'application/fhir+ndjson',
      ]);
      const found = (await response.text()).split('\n').filter((line) => line !== '');
      expect(found.map((line) => (JSON.parse(line) as Sent).resourceType)).toEqual(Array(count).fill(type));
    }
  });

  test('by POST takes the same parameters, and the patients of the Group that are wanted. (smart 156)', async () => {
    const body = (...parameter: object[]) => ({ body: { resourceType: 'Parameters', parameter } });
    const of = (id: string) => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } });
    const type = { name: '_type', valueString: 'Patient,Observation' };
    const { names } = await exported(server, 'Group/g1/$export', body(type, of('p4'), of('p6')));
    expect(names).toEqual(['Observation/o4', 'Observation/o6', 'Patient/p4', 'Patient/p6']);
    const all = await exported(server, 'Patient/$export', body(type, of('p50')));
    expect(all.names).toEqual(['Observation/o50', 'Patient/p50']);
    // Outside of the Group, gone from it, and not there: the same answer.
    for (const id of ['p50', 'p1', 'nobody'])
      expect([id, await refusal('Group/g1/$export', body(of('p4'), of(id)))]).toEqual([id, [400, 'error']]);
    expect(await refusal('$export', body(of('p4')))).toEqual([400, 'error']);
  });

  test('takes searches as filters of types, each alone or several together.', async () => {
    const query = (text: string) => `_typeFilter=${encodeURIComponent(text)}`;
    const one = await exported(server, `Group/g1/$export?_type=Patient,Observation&${query('Observation?status=final&subject=Patient/p3,Patient/p4')}`); // prettier-ignore
    expect(one.names.filter((n) => n.startsWith('Observation/'))).toEqual(['Observation/o3']);
    expect(one.names.filter((n) => n.startsWith('Patient/'))).toHaveLength(29);
    const two = await exported(
      server,
      `Group/g1/$export?_type=Patient&${query('Patient?_id=p2,Patient?_id=p3')}`,
    );
    expect(two.names).toEqual(['Patient/p2', 'Patient/p3']);
  });

  test('gives the elements that are asked for, marked as a part; attachments by absolute URLs.', async () => {
    const { manifest } = await exported(
      server,
      'Group/g1/$export?_type=Patient,DocumentReference&_elements=Patient.gender',
    );
    const all = await lines(server, manifest.output);
    const one = all.find(({ id }) => id === 'p2');
    expect(Object.keys(one ?? {}).sort()).toEqual(['gender', 'id', 'meta', 'resourceType']);
    expect(one?.['meta']).toMatchObject({ tag: [{ code: 'SUBSETTED' }] });
    const document = all.find(({ resourceType }) => resourceType === 'DocumentReference');
    expect(document).toMatchObject({ content: [{ attachment: { url: `${server.fhirBase}/Binary/abc` } }] });
  });

  test('that is deleted is gone, with its files. (smart 162)', async () => {
    const { status, manifest } = await exported(server, 'Group/g1/$export?_type=Patient');
    expect((await ask(server, status, { method: 'DELETE' })).status).toBe(202);
    for (const url of [status, manifest.output[0]?.url ?? '']) {
      const response = await ask(server, url);
      expect(response.status).toBe(404);
      expect(((await response.json()) as OperationOutcome).issue[0]?.code).toBe('not-found');
    }
    expect((await ask(server, status, { method: 'DELETE' })).status).toBe(404);
    expect((await ask(server, status, { method: 'PUT', body: {} })).status).toBe(405);
  });
});

describe('an export since a moment', () => {
  test('has what changed, and tells what was deleted; the next one goes on where it ended.', async () => {
    const { manifest: first } = await exported(server, '$export?_type=Patient,Observation');
    await server.fhir('PUT', 'Patient/p10', { body: patient('p10', { birthDate: '2000-01-01' }) });
    await searcher(server).store(patient('new'), observation('o-gone', 'Patient/p5'));
    await server.fhir('DELETE', 'Observation/o-gone');
    const since = `_since=${encodeURIComponent(first.transactionTime)}`;
    const { manifest, names } = await exported(server, `$export?_type=Patient,Observation&${since}`);
    expect(names).toEqual(['Patient/new', 'Patient/p10']);
    expect(manifest.deleted.map(({ type, count }) => [type, count])).toEqual([['Bundle', 1]]);
    const [bundle] = await lines(server, manifest.deleted);
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: 'Observation/o-gone' } }] }); // prettier-ignore
    const ofGroup = await exported(server, `Group/g1/$export?_type=Patient,Observation&${since}`);
    expect(ofGroup.names).toEqual(['Patient/p10']);
    expect(ofGroup.manifest.deleted.map(({ count }) => count)).toEqual([1]);
    const next = await exported(
      server,
      `$export?_type=Patient&_since=${encodeURIComponent(manifest.transactionTime)}`,
    );
    expect(next.names).toEqual([]);
  });
});

describe('the moment of an export', () => {
  test('decides: what is written, changed or deleted afterwards comes as it was.', async () => {
    await exporter.stop();
    await searcher(server).store(observation('o-later-gone', 'Patient/p5'));
    const started = await kickOff(server, 'Group/g1/$export?_type=Patient,Observation');
    await sleep(20);
    await searcher(server).store(
      patient('p4', { birthDate: '1999-09-09' }),
      observation('o-too-late', 'Patient/p4'),
      // It now belongs to somebody outside of the Group.
      observation('o6', 'Patient/p50'),
    );
    await server.fhir('DELETE', 'Observation/o-later-gone');
    exporter = startTestExporter(server, SMALL);
    const answer = await poll(server, started.headers.get('content-location') ?? '');
    const manifest = (await answer.json()) as Manifest;
    const all = await lines(server, manifest.output);
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['o-later-gone', 'o6', 'p4']));
    expect(ids).not.toContain('o-too-late');
    expect(all.find(({ id }) => id === 'p4')).not.toHaveProperty('birthDate');
    expect(all.find(({ id }) => id === 'o6')).toMatchObject({ subject: { reference: 'Patient/p6' } });
    expect(new Set(ids).size).toBe(ids.length);
  });
});
