/** What every loader hands over: the code system, and the steps by which its files are read. */
import type { CodeSystem } from '@medplum/fhirtypes';
import type {
  NewCodeSystem,
  NewConcept,
  NewDesignation,
  NewDisplay,
  NewParent,
  NewProperty,
  Piece,
} from '../store/index.ts';
import { LoadError } from './load-error.ts';
import type { RawRecord, RecordFormat } from './read-records.ts';
import type { Release, ReleaseFile } from './release.ts';

/** Gathers what records come to until it is written. */
export class PieceBuilder implements Required<Piece> {
  readonly concepts: NewConcept[] = [];
  readonly displays: NewDisplay[] = [];
  readonly designations: NewDesignation[] = [];
  readonly properties: NewProperty[] = [];
  readonly parents: NewParent[] = [];

  get size(): number {
    const { concepts, displays, designations, properties, parents } = this;
    return concepts.length + displays.length + designations.length + properties.length + parents.length;
  }
}

export interface LoadStep {
  readonly file: ReleaseFile;
  readonly format: RecordFormat;
  /** Whether later records need what this step saw: then it is read again when a load goes on. */
  readonly remembers?: boolean;
  /** Throws LoadError, to which the place is added. */
  read(record: RawRecord, piece: PieceBuilder): void;
}

export interface LoadPlan {
  readonly system: NewCodeSystem & { readonly url: string; readonly version: string; readonly name: string };
  /** What the resource tells besides. */
  readonly about: Pick<CodeSystem, 'publisher' | 'copyright' | 'description' | 'property' | 'filter'>;
  readonly steps: readonly LoadStep[];
}

export interface Loader {
  /** As the operator names it. */
  readonly name: string;
  readonly title: string;
  /** Throws LoadError when the release does not have what it must. `version`: of the operator, who knows better. */
  plan(release: Release, version?: string): LoadPlan;
}

/** Throws LoadError when it is empty. */
export function required(record: RawRecord, column: string): string {
  const value = record[column];
  if (value === undefined || value === '') throw new LoadError(`${column} is empty`);
  return value;
}

/** The version, from a name of the release. Throws LoadError when neither tells. */
export function versionOf(given: string | undefined, found: string | undefined, release: Release): string {
  const version = given ?? found;
  if (version === undefined)
    throw new LoadError(`${release.path} does not tell the version in its name; give it with --version`);
  return version;
}

const DESIGNATION_USE = 'http://snomed.info/sct';

/** https://hl7.org/fhir/R4/valueset-designation-use.html */
export const FULLY_SPECIFIED_NAME = { system: DESIGNATION_USE, code: '900000000000003001', display: 'Fully specified name' }; // prettier-ignore
export const SYNONYM = { system: DESIGNATION_USE, code: '900000000000013009', display: 'Synonym' };
