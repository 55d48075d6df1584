/** Synthea's transaction bundles, and copies of them with ids, identifiers, dates and family names of their own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Text cut at what differs between copies: odd pieces are uuids, dates and family names. */
type Template = readonly string[];

const VARYING =
  /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=")\d{4}-\d\d-\d\d(?=["T])|(?<="family":")[^"]+)/;
const CONDITIONAL = /"reference":"((Organization|Location|Practitioner)\?identifier=([^|"]+)\|([^"]+))"/g;
const DAY_MS = 86_400_000;

export interface BundleText {
  readonly text: string;
  readonly resources: number;
}

interface Source {
  readonly template: Template;
  readonly resources: number;
}

export interface SyntheaSource {
  /** What the patients' bundles refer to by identifier: to be there first. */
  readonly prerequisites: BundleText;
  /** Bundles of the patients: the originals for copy 0. */
  patients(copy: number): Generator<BundleText>;
  readonly patientCount: number;
  /** Resources of one copy of all patients. */
  readonly resourceCount: number;
}

/** Reads the folder once; keeps only the texts. */
export function readSynthea(folder: string): SyntheaSource {
  const sources: Source[] = [];
  const conditions = new Map<string, { type: string; system: string; value: string }>();
  let practitioners = '';
  for (const name of readdirSync(folder)
    .filter((f) => f.endsWith('.json.gz'))
    .sort()) {
    const bundle = JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as {
      entry: unknown[];
    };
    const text = JSON.stringify(bundle);
    for (const [, condition = '', type = '', system = '', value = ''] of text.matchAll(CONDITIONAL))
      conditions.set(condition, { type, system, value });
    if (name.startsWith('0-')) practitioners = text;
    else sources.push({ template: text.split(VARYING), resources: bundle.entry.length });
  }
  const persons = personsOf(practitioners);
  const there = new Set(
    [...JSON.stringify(persons).matchAll(/"value":"([^"]+)"/g)].map(([, value]) => value),
  );
  // What all copies refer to stays as it is.
  const kept = new Set([...conditions.values()].map(({ value }) => value));
  const missing = [...conditions.values()].filter(({ value }) => !there.has(value));
  return {
    prerequisites: withPrerequisites(persons, missing),
    *patients(copy) {
      const vary = copier(copy, kept);
      for (const { template, resources } of sources)
        yield { text: template.map((piece, i) => (i % 2 === 1 ? vary(piece) : piece)).join(''), resources };
    },
    patientCount: sources.length,
    resourceCount: sources.reduce((sum, s) => sum + s.resources, 0),
  };
}

/** Roles refer to the organizations, which are made here: only the persons are needed. */
function personsOf(bundleText: string): object[] {
  const { entry } = JSON.parse(bundleText) as { entry: { resource: { resourceType: string } }[] };
  return entry.filter((e) => e.resource.resourceType === 'Practitioner');
}

/** The hospitals and places are in no file of the set: they are made with the identifiers by which they are referred to. */
function withPrerequisites(
  persons: readonly object[],
  missing: readonly { type: string; system: string; value: string }[],
): BundleText {
  const made = missing.map(({ type, system, value }, i) => ({
    resource: {
      resourceType: type,
      name: type === 'Practitioner' ? [{ family: `P${i}` }] : `${type} ${i}`,
      identifier: [{ system, value }],
    },
    request: { method: 'POST', url: type },
  }));
  const entry = [...persons, ...made];
  return {
    text: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
    resources: entry.length,
  };
}

/** Copy 0 changes nothing; each other copy changes the same text, unless it is `kept`, always in the same way. */
function copier(copy: number, kept: ReadonlySet<string>): (piece: string) => string {
  const days = (copy * 7) % 360;
  const syllable = 'bdfghklmnprstvz'[copy % 15]! + 'aeiou'[Math.floor(copy / 15) % 5]!;
  return (piece) => {
    if (copy === 0 || kept.has(piece)) return piece;
    if (/^[0-9a-f]{8}-/.test(piece)) {
      const start = (Number.parseInt(piece.slice(0, 8), 16) + copy * 2_654_435_761) % 2 ** 32;
      return start.toString(16).padStart(8, '0') + piece.slice(8);
    }
    if (!/^\d{4}-\d\d-\d\d$/.test(piece)) return syllable + piece;
    return new Date(Date.parse(piece) - days * DAY_MS).toISOString().slice(0, 10);
  };
}
