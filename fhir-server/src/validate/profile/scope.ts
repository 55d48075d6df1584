/** What the compilation of one profile knows besides its elements. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { standardStructureDefinition, structure } from '../../fhir/definitions/index.ts';
import { capital, treeOf, type ElementNode } from './element-tree.ts';
import type { Check, Suffixes } from './item.ts';
import { snapshotOf, type FindStructure } from './snapshot.ts';

/** Whether a code is in a value set whose codes are in memory; a code alone, of an element of type code, has no system. */
export type CodeTest = (system: string | undefined, code: string) => boolean;

export interface ProfileSources {
  readonly structure: FindStructure;
  /** By canonical; undefined for value sets that memory cannot decide. */
  readonly codes: (valueSet: string) => CodeTest | undefined;
}

export interface ConformanceCheck {
  readonly definition: StructureDefinition;
  readonly check: Check;
}

export interface Scope {
  /** What messages begin with. */
  readonly label: string;
  readonly sources: ProfileSources;
  /** Another profile, compiled at its first use; undefined when it is not known, or cannot be compiled. */
  readonly conformance: (canonical: string) => ConformanceCheck | undefined;
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

/** What the standard says of an element: what the base validation has checked already. */
export function standardElement(path: string): ElementDefinition | undefined {
  const definition = standardStructureDefinition(CORE + (path.split('.')[0] ?? ''));
  if (definition === undefined) return undefined;
  let elements = elementsByPath.get(definition);
  if (elements === undefined) {
    elements = new Map((definition.snapshot?.element ?? []).map((e) => [e.path ?? '', e]));
    elementsByPath.set(definition, elements);
  }
  return elements.get(path);
}

const elementsByPath = new WeakMap<StructureDefinition, ReadonlyMap<string, ElementDefinition>>();

/** `http://hl7.org/fhir/StructureDefinition/Patient` → `Patient`; undefined for profiles. */
export function standardTypeOf(canonical: string): string | undefined {
  const [url = ''] = canonical.split('|');
  const name = url.startsWith(CORE) ? url.slice(CORE.length) : '';
  return structure(name) === undefined ? undefined : name;
}

/** The types that a choice has in JSON, also those that a profile takes away. */
export function suffixesOf(node: ElementNode): Suffixes | undefined {
  if (!node.name.endsWith('[x]')) return undefined;
  const base = standardElement(node.element.base?.path ?? '') ?? node.element;
  return new Map((base.type ?? []).map(({ code = '' }) => [capital(code), code]));
}

/** The tree of a profile; undefined when it is not known. Throws DefinitionError. */
export function treeOfProfile(canonical: string, { sources }: Scope): ElementNode | undefined {
  const definition = sources.structure(canonical);
  return (
    definition && treeOf(snapshotOf(definition, sources.structure), 'StructureDefinition.snapshot.element')
  );
}
