/** Index rows of multiplied Synthea bundles, computed once and kept in a file: one line of JSON per bundle. */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Resource } from '@medplum/fhirtypes';
import { compartmentParameters, searchParameters } from '../../../fhir-server/src/fhir/definitions/index.ts';
import {
  compartmentKey,
  extractIndex,
  linkParameter,
  LINKS,
  referenceKey,
  SearchParameterRegistry,
  type LinkName,
} from '../../../fhir-server/src/search/index.ts';
import { encodeIndexRow, hashKey } from '../../../fhir-server/src/storage/search-sql/index.ts';
import { multiplySynthea } from './synthea.ts';

export interface Row {
  readonly type: string;
  readonly id: string;
  readonly content: string;
  /** Hashes without those of the patient's and the encounter's reference. */
  readonly keys: readonly string[];
  /** Hashes of the patient's and the encounter's reference, which link columns can stand for. */
  readonly linkKeys: readonly string[];
  /** Number of the parameter of each of `keys` and then of `linkKeys`. */
  readonly params: readonly number[];
  readonly patient: string | null;
  readonly ranges: Readonly<Record<string, readonly [low: number, high: number, more: string | null]>>;
  readonly strings: readonly (readonly [param: string, value: string, text: string])[];
}

/** What the searches look for, as it occurs in the data. */
export interface Probe {
  readonly id: string;
  readonly patient: string;
  readonly system: string;
  readonly code: string;
  readonly date: number;
  readonly family: string;
}

export interface Dataset {
  readonly file: string;
  readonly types: readonly string[];
  readonly resources: number;
  readonly probes: readonly Probe[];
}

export function makeRegistry(): SearchParameterRegistry {
  return new SearchParameterRegistry(searchParameters(), (type) => compartmentParameters('Patient', type));
}

/** A number for `kind` and parameter of a key; two that share one only share the planner's statistics. */
export function paramNumber(key: string): number {
  let number = 7;
  for (const letter of key.split('\n', 2).join('\n')) number = (number * 31 + letter.charCodeAt(0)) & 0x7fff;
  return number;
}

const PROBES_MAX = 4000;

/** Makes the file of about so many resources, or takes the one that an earlier run made. */
export async function makeDataset(
  folder: string,
  source: string,
  scale: number,
  registry: SearchParameterRegistry,
): Promise<Dataset> {
  const file = `${folder}/rows-${scale}.ndjson`;
  if (existsSync(`${file}.json`)) return JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Dataset;
  const out = createWriteStream(`${file}.new`, { highWaterMark: 1 << 22 });
  const types = new Set<string>();
  const probes: Probe[] = [];
  let resources = 0;
  for (const bundle of multiplySynthea(source)) {
    const parsed = bundle.resources.map((r) => ({
      content: r.content,
      resource: JSON.parse(r.content) as Resource,
    }));
    const rows = parsed.map(({ content, resource }) => makeRow(content, resource, registry));
    for (const row of rows) types.add(row.type);
    addProbes(probes, parsed, rows, scale);
    resources += rows.length;
    if (!out.write(`${JSON.stringify(rows)}\n`)) await once(out, 'drain');
    if (resources >= scale) break;
  }
  out.end();
  await once(out, 'close');
  renameSync(`${file}.new`, file);
  const dataset = { file, types: [...types].sort(), resources, probes };
  writeFileSync(`${file}.json`, JSON.stringify(dataset));
  return dataset;
}

function makeRow(content: string, resource: Resource, registry: SearchParameterRegistry): Row {
  const type = resource.resourceType;
  const id = resource.id ?? '';
  const index = extractIndex(resource, { registry, baseUrl: 'http://localhost/fhir' });
  const linkKeys = Object.entries(index.links).flatMap(([link, target]) => {
    const code = linkParameter(registry, type, link as LinkName)?.code;
    return code === undefined ? [] : [referenceKey(code, `${LINKS[link as LinkName]}/${target}`)];
  });
  const encoded = encodeIndexRow(index);
  return {
    type,
    id,
    content,
    keys: encoded.keys === '{}' ? [] : encoded.keys.slice(1, -1).split(','),
    linkKeys: linkKeys.map(hashKey),
    params: [...index.keys, ...linkKeys].map(paramNumber),
    patient: index.links.patient ?? (type === 'Patient' ? id : null),
    ranges: Object.fromEntries(
      Object.entries(encoded.ranges).map(([param, r]) => [param, [r.low, r.high, r.more] as const]),
    ),
    strings: index.strings.map((s) => [s.param, s.value, s.text] as const),
  };
}

/** The hash of the patient's compartment, by which typed columns know the patient. */
export const patientHash = (id: string): string => hashKey(compartmentKey('Patient', id));

function addProbes(
  probes: Probe[],
  parsed: readonly { readonly resource: Resource }[],
  rows: readonly Row[],
  scale: number,
): void {
  const family = rows.find((r) => r.type === 'Patient')?.strings.find(([param]) => param === 'family')?.[1];
  if (family === undefined) return;
  for (const [i, { resource }] of parsed.entries()) {
    const row = rows[i];
    if (resource.resourceType !== 'Observation' || probes.length >= PROBES_MAX) continue;
    if (row === undefined || row.patient === null) continue;
    // Spread over all copies: every so many Observations, of which half of the resources are.
    if (Number.parseInt(row.id.slice(0, 6), 16) % Math.ceil(scale / 2 / PROBES_MAX) !== 0) continue;
    const coding = resource.code?.coding?.[0];
    const [date] = row.ranges['date'] ?? [];
    if (coding?.code === undefined || date === undefined) continue;
    probes.push({
      id: row.id,
      patient: row.patient,
      system: coding.system ?? '',
      code: coding.code,
      date,
      family,
    });
  }
}

/** The bundles of a dataset, one after the other. */
export async function* readBundles(dataset: Dataset): AsyncGenerator<Row[]> {
  const lines = createInterface({ input: createReadStream(dataset.file, { highWaterMark: 1 << 20 }) });
  for await (const line of lines) yield JSON.parse(line) as Row[];
}
