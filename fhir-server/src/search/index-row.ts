/** What is indexed of one resource version: computed once when it is written, matched in memory or in SQL. */
import type { LinkName } from './expression.ts';

export interface IndexRow {
  /** Exact-match keys, without duplicates: see the functions below for their form. */
  readonly keys: readonly string[];
  /** Values of the string parameters: normalised, and as they stand in the resource. */
  readonly strings: readonly StringValue[];
  /** Values of date, number and quantity parameters, by parameter code. A parameter without a value is absent. */
  readonly ranges: Readonly<Record<string, readonly RangeValue[]>>;
  /** Ids of the Patient and the Encounter that the resource belongs to (links.ts). */
  readonly links: Readonly<Partial<Record<LinkName, string>>>;
  /** Normalised displays and texts of token parameters, and uris: what can be found by its beginning. */
  readonly labels: readonly Label[];
  /** For composite parameters of repeating elements: an index row of each element, by parameter code. */
  readonly elements: Readonly<Record<string, readonly ElementRow[]>>;
  /** Text for full-text search. */
  readonly words: Words;
}

export type ElementRow = Pick<IndexRow, 'keys' | 'strings' | 'ranges'>;

export interface StringValue {
  readonly param: string;
  readonly value: string;
  readonly text: string;
}

export interface Label {
  readonly param: string;
  readonly value: string;
  /** The key by which resources with this label are found. */
  readonly key: string;
}

/** `narrative` is Resource.text without its tags, `content` all other text that people wrote or read. */
export interface Words {
  readonly narrative: string;
  readonly content: string;
}

/** A closed interval: dates in milliseconds since the epoch, numbers as they are; open ends are ±RANGE_OPEN and ±NUMBER_OPEN. */
export interface RangeValue {
  readonly low: number;
  readonly high: number;
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
}

/** Of a deleted resource, which nothing finds. */
export const EMPTY_INDEX: IndexRow = {
  keys: [],
  strings: [],
  ranges: {},
  links: {},
  labels: [],
  elements: {},
  words: { narrative: '', content: '' },
};

/** Stands for an open end of a Period: finite, so that it can be stored and compared anywhere. */
export const RANGE_OPEN = 8.64e15;
/** The same of numbers and quantities, which are beyond RANGE_OPEN in canonical units: 1 mol is 6e23. */
export const NUMBER_OPEN = Number.MAX_VALUE;

// Index keys are strings `kind \n param \n parts…`: the line feed cannot occur in a code, id or uri, so no two
// different facts share a key. Storage keeps a 128-bit hash of each.

/** A token by its code alone, whatever its system. */
export const tokenCodeKey = (param: string, code: string): string => `t\n${param}\n${code}`;
/** A token by system and code; `system` is '' for a token that has none (search `|code`). */
export const tokenKey = (param: string, system: string, code: string): string =>
  `T\n${param}\n${system}\n${code}`;
/** Any token of a system (search `system|`). */
export const tokenSystemKey = (param: string, system: string): string => `s\n${param}\n${system}`;
/** An Identifier by its type and value (search `:of-type`). */
export const typedIdentifierKey = (param: string, system: string, code: string, value: string): string =>
  `o\n${param}\n${system}\n${code}\n${value}`;
/** A display or text of a token, normalised. */
export const labelKey = (param: string, value: string): string => `x\n${param}\n${value}`;
/** A reference as `Type/id`, or an absolute URL that is not ours. */
export const referenceKey = (param: string, reference: string): string => `r\n${param}\n${reference}`;
/** A uri or canonical, exact; canonicals with a version are indexed with and without it. */
export const uriKey = (param: string, uri: string): string => `u\n${param}\n${uri}`;
/** A quantity's unit; `system` is '' where the search gave none or the unit text is meant. */
export const unitKey = (param: string, system: string, code: string): string =>
  `q\n${param}\n${system}\n${code}`;
/** All values of a parameter are others than a composite's component takes (composite-part.ts). */
export const apartKey = (param: string, component: string): string => `a\n${param}\n${component}`;
/** Any value of a token, reference or uri parameter (search `:missing`). */
export const presenceKey = (param: string): string => `m\n${param}`;
/** Membership in a compartment, e.g. ('Patient', '123'). https://hl7.org/fhir/R4/compartmentdefinition.html */
export const compartmentKey = (compartment: string, id: string): string => `c\n${compartment}\n${id}`;

/** The ids of a compartment's roots to which a resource belongs. */
export function compartmentIds({ keys }: Pick<IndexRow, 'keys'>, compartment: string): string[] {
  const prefix = compartmentKey(compartment, '');
  return keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}
