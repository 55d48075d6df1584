/** What is asked of the server, with values that occur in its data. The figures to reach are in the design. */
import type pg from 'pg';
import type { LoadRequest } from './load.ts';

export interface Workload {
  readonly name: string;
  readonly requests: readonly LoadRequest[];
  readonly expected: readonly number[];
  readonly contains?: string;
  /** Requests a second of the best open TypeScript server on the same kind of machine. */
  readonly reference?: number;
  /** The ceiling that it is compared with. */
  readonly ceiling?: 'passthrough';
}

const BASE = '/fhir/R4';
/** Different requests of one workload: enough that no cache of a page helps. */
const VARIANTS = 500;

interface Sample {
  readonly id: string;
  readonly patient: string;
  readonly content: string;
}

async function sample(database: pg.Pool, type: string, extra = ''): Promise<Sample[]> {
  const { rows } = await database.query<Sample>(
    `select id, patient, content from fhir."${type}" where not deleted ${extra} order by md5(id) limit ${VARIANTS * 2}`,
  );
  return rows;
}

interface Json {
  readonly code?: { readonly coding?: readonly { readonly system?: string; readonly code?: string }[] };
  readonly name?: readonly { readonly family?: string }[];
  [element: string]: unknown;
}

const parse = (row: { content: string }): Json => JSON.parse(row.content) as Json;
const get = (path: string): LoadRequest => ({ method: 'GET', path: `${BASE}/${path}` });

/** Reads of what is there. */
export async function readWorkloads(database: pg.Pool): Promise<Workload[]> {
  const observations = await sample(database, 'Observation', 'and patient is not null');
  const patients = (
    await database.query<Sample>(
      `select id, content from fhir."Patient" where not deleted order by md5(id) limit ${VARIANTS}`,
    )
  ).rows;
  const prescriptions = await sample(database, 'MedicationRequest', 'and encounter is not null');
  const codes = [...new Set(observations.map((o) => parse(o).code?.coding?.[0]?.code ?? ''))].filter(Boolean);
  const families = patients.map((p) => parse(p).name?.[0]?.family ?? '');
  const persons = await database.query<Sample>('select id, content from fhir."Patient" where id = any($1)', [
    observations.map((o) => o.patient),
  ]);
  const familyOf = new Map(persons.rows.map((p) => [p.id, parse(p).name?.[0]?.family ?? '']));
  const ofPatients = (rows: readonly Sample[]): string[] => [...new Set(rows.map((r) => r.patient))];
  const match = '"mode":"match"';
  const include = '"mode":"include"';
  const ok = [200];
  return [
    { name: 'read', requests: observations.map((o) => get(`Observation/${o.id}`)), expected: ok, contains: '"Observation"', reference: 1_641, ceiling: 'passthrough' },
    { name: 'patient & code', requests: observations.map((o) => get(`Observation?patient=${o.patient}&code=${parse(o).code?.coding?.[0]?.code}`)), expected: ok, contains: match, reference: 865 },
    { name: 'patient, sort -date', requests: ofPatients(observations).map((p) => get(`Observation?patient=${p}&_sort=-date&_count=20`)), expected: ok, contains: match, reference: 587 },
    { name: 'name', requests: families.map((f) => get(`Patient?name=${encodeURIComponent(f.slice(0, 3).toLowerCase())}&_count=20`)), expected: ok, contains: match, reference: 1_079 },
    { name: 'chained', requests: observations.map((o) => get(`Observation?subject:Patient.family=${encodeURIComponent(familyOf.get(o.patient) ?? '')}&code=${parse(o).code?.coding?.[0]?.code}&_count=20`)), expected: ok, contains: match, reference: 548 },
    { name: '_has', requests: codes.map((code) => get(`Patient?_has:Observation:patient:code=${code}&_count=20`)), expected: ok, contains: match, reference: 227 },
    { name: 'two _include', requests: ofPatients(prescriptions).map((p) => get(`MedicationRequest?patient=${p}&_include=MedicationRequest:requester&_include=MedicationRequest:encounter&_count=20`)), expected: ok, contains: include, reference: 68 },
    { name: '$everything', requests: patients.map((p) => get(`Patient/${p.id}/$everything?_count=100`)), expected: ok, contains: '"Patient"', reference: 18 },
    { name: 'code only', requests: codes.map((code) => get(`Observation?code=${code}&_count=20`)), expected: ok, contains: match },
    { name: 'date range & code', requests: codes.map((code) => get(`Observation?code=${code}&date=ge2015&date=lt2018&_count=20`)), expected: ok },
    { name: 'identifier', requests: patients.map((p) => get(`Patient?identifier=${(parse(p)['identifier'] as { value: string }[])[0]!.value}`)), expected: ok, contains: match },
  ]; // prettier-ignore
}

/** Writes; each request writes another resource, for as many as a run can send. */
export async function writeWorkloads(database: pg.Pool, token: string): Promise<Workload[]> {
  const observations = await sample(database, 'Observation', 'and patient is not null');
  const body = (row: Sample, change: object): string => JSON.stringify({ ...parse(row), ...change });
  const withoutId = { id: undefined, meta: undefined };
  const run = token.slice(-8);
  return [
    { name: 'create', requests: observations.map((o) => ({ method: 'POST', path: `${BASE}/Observation`, body: body(o, withoutId) })), expected: [201], reference: 355 },
    { name: 'update', requests: observations.map((o) => ({ method: 'PUT', path: `${BASE}/Observation/${o.id}`, body: body(o, { meta: undefined }) })), expected: [200], reference: 197 },
    {
      name: 'conditional create',
      requests: observations.map((o, i) => ({
        method: 'POST', path: `${BASE}/Observation`, body: body(o, { ...withoutId, identifier: [{ system: 'urn:bench', value: `${run}-${i}` }] }),
        headers: { 'if-none-exist': `identifier=urn:bench|${run}-${i}` },
      })),
      expected: [200, 201],
    },
  ]; // prettier-ignore
}

/** Four reads or searches to one write. */
export function mixed(reads: readonly Workload[], writes: readonly Workload[]): Workload {
  const [read, byCode, byDate, name] = reads;
  const [create] = writes;
  const turn = [read!, byCode!, byDate!, name!, create!];
  const requests = Array.from({ length: VARIANTS * turn.length }, (_, i) => {
    const of = turn[i % turn.length]!.requests;
    return of[Math.floor(i / turn.length) % of.length]!;
  });
  return { name: 'mixed 80:20', requests, expected: [200, 201] };
}

/** Of all kinds of reads as much, and one write to four of them. */
export function everyKind(reads: readonly Workload[], writes: readonly Workload[]): Workload {
  const turn = reads.flatMap((read, i) => (i % 4 === 3 ? [read, writes[0]!] : [read]));
  const requests = Array.from({ length: VARIANTS * turn.length }, (_, i) => {
    const of = turn[i % turn.length]!.requests;
    return of[Math.floor(i / turn.length) % of.length]!;
  });
  return { name: 'every kind', requests, expected: [200, 201] };
}
