/** What is indexed of one resource version: computed once when it is written, matched in memory or in SQL. */
export interface IndexRow {
  /** Exact-match keys, without duplicates: see the functions below for their form. */
  readonly keys: readonly string[];
  /** Normalised values of the string parameters. */
  readonly strings: readonly { readonly param: string; readonly value: string }[];
  /** Values of date, number and quantity parameters, by parameter code. A parameter without a value is absent. */
  readonly ranges: Readonly<Record<string, readonly RangeValue[]>>;
}

/** A closed interval: dates in milliseconds since the epoch (open ends are ±RANGE_OPEN), numbers as they are. */
export interface RangeValue {
  readonly low: number;
  readonly high: number;
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
}

/** Stands for an open end of a Period or Range: finite, so that it can be stored and compared anywhere. */
export const RANGE_OPEN = 8.64e15;

// Index keys are strings `kind \n param \n parts…`: the line feed cannot occur in a code, id or uri, so no two
// different facts share a key. Storage keeps a 128-bit hash of each.

/** A token by its code alone, whatever its system. */
export const tokenCodeKey = (param: string, code: string): string => `t\n${param}\n${code}`;
/** A token by system and code; `system` is '' for a token that has none (search `|code`). */
export const tokenKey = (param: string, system: string, code: string): string =>
  `T\n${param}\n${system}\n${code}`;
/** Any token of a system (search `system|`). */
export const tokenSystemKey = (param: string, system: string): string => `s\n${param}\n${system}`;
/** A reference as `Type/id`, or an absolute URL that is not ours. */
export const referenceKey = (param: string, reference: string): string => `r\n${param}\n${reference}`;
/** A reference by its id alone, whatever the type (search `subject=123`). */
export const referenceIdKey = (param: string, id: string): string => `i\n${param}\n${id}`;
/** A uri or canonical, exact; canonicals with a version are indexed with and without it. */
export const uriKey = (param: string, uri: string): string => `u\n${param}\n${uri}`;
/** A quantity's unit; `system` is '' where the search gave none or the unit text is meant. */
export const unitKey = (param: string, system: string, code: string): string =>
  `q\n${param}\n${system}\n${code}`;
/** Membership in a compartment, e.g. ('Patient', '123'). https://hl7.org/fhir/R4/compartmentdefinition.html */
export const compartmentKey = (compartment: string, id: string): string => `c\n${compartment}\n${id}`;
