/** Synthea's bundles, multiplied: each copy of a patient has ids, dates and a family name of its own. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

interface Bundle {
  readonly entry: readonly { readonly fullUrl: string; readonly resource: Resource }[];
}

/** JSON text cut at what differs between copies: odd pieces are uuids, dates and family names. */
type Template = readonly string[];

const VARYING =
  /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=")\d{4}-\d\d-\d\d(?=["T])|(?<="family":")[^"]+)/;

export interface PatientBundle {
  readonly resources: readonly { readonly resourceType: string; readonly content: string }[];
}

/** Practitioners and their roles first, once; then every patient, copy after copy, without end. */
export function* multiplySynthea(folder: string): Generator<PatientBundle> {
  const bundles = readdirSync(folder)
    .filter((name) => name.endsWith('.json.gz'))
    .sort()
    .map((name) => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as Bundle);
  const practitioners = new Map<string, string>();
  for (const { resource } of bundles.flatMap((b) => b.entry)) {
    const [identifier] = (resource['identifier'] ?? []) as { value?: string }[];
    if (resource.resourceType === 'Practitioner' && identifier?.value !== undefined)
      practitioners.set(identifier.value, resource.id);
  }
  const patients: { type: string; template: Template }[][] = [];
  for (const bundle of bundles) {
    const resources = resolveReferences(bundle, practitioners);
    if (resources.some((r) => r.resourceType === 'Patient'))
      patients.push(
        resources.map((r) => ({ type: r.resourceType, template: JSON.stringify(r).split(VARYING) })),
      );
    else
      yield {
        resources: resources.map((r) => ({ resourceType: r.resourceType, content: JSON.stringify(r) })),
      };
  }
  for (let copy = 0; ; copy += 1) {
    const vary = copier(copy, new Set(practitioners.values()));
    for (const patient of patients)
      yield {
        resources: patient.map(({ type, template }) => ({
          resourceType: type,
          content: template.map((piece, i) => (i % 2 === 1 ? vary(piece) : piece)).join(''),
        })),
      };
  }
}

/** What a transaction would store: `urn:uuid` and conditional references become literal ones. */
function resolveReferences(bundle: Bundle, practitioners: ReadonlyMap<string, string>): Resource[] {
  const local = new Map(bundle.entry.map((e) => [e.fullUrl, `${e.resource.resourceType}/${e.resource.id}`]));
  const resolve = (reference: string): string => {
    const conditional = /^([A-Za-z]+)\?identifier=[^|]*\|(.*)$/.exec(reference);
    if (!conditional) return local.get(reference) ?? reference;
    const [, type = '', value = ''] = conditional;
    return `${type}/${practitioners.get(value) ?? createHash('md5').update(value).digest('hex')}`;
  };
  return bundle.entry.map(({ resource }) => {
    const text = JSON.stringify(resource, (name, value: unknown) =>
      name === 'reference' && typeof value === 'string' ? resolve(value) : value,
    );
    const { resourceType, id, meta, ...rest } = JSON.parse(text) as Resource & { meta?: object };
    return {
      resourceType,
      id,
      meta: { ...meta, versionId: '1', lastUpdated: '2026-01-01T00:00:00Z' },
      ...rest,
    };
  });
}

function copier(copy: number, fixed: ReadonlySet<string>): (piece: string) => string {
  const dates = new Map<string, string>();
  const days = (copy * 7) % 360;
  const syllable = 'bdfghklmnprstvz'[copy % 15]! + 'aeiou'[Math.floor(copy / 15) % 5]!;
  return (piece) => {
    if (fixed.has(piece)) return piece;
    if (/^[0-9a-f]{8}-/.test(piece)) {
      const start = (Number.parseInt(piece.slice(0, 8), 16) + copy * 2_654_435_761) % 2 ** 32;
      return start.toString(16).padStart(8, '0') + piece.slice(8);
    }
    if (!/^\d{4}-\d\d-\d\d$/.test(piece)) return syllable + piece;
    let date = dates.get(piece);
    if (date === undefined) {
      date = new Date(Date.parse(piece) - days * 86_400_000).toISOString().slice(0, 10);
      dates.set(piece, date);
    }
    return date;
  };
}
