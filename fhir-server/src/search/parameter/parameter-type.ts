/** What each search parameter type can do: index values, and turn one search value into an expression. */
import type { Expression } from '../expression.ts';
import type { IndexSink } from '../index-sink.ts';

export interface ValueContext {
  /** The FHIR base without a trailing slash: references below it are stored relative. */
  readonly baseUrl: string;
  /** Milliseconds since the epoch; `ap` on dates widens with the distance to it. */
  readonly now: number;
  /** Within `_filter`, whose operators are more than there are prefixes and modifiers. */
  readonly isFilter?: boolean;
}

export type ParseValue = (param: string, text: string, context: ValueContext) => Expression;

export interface ParameterType {
  /** Adds one selected element to the index; values of an unexpected shape are left out. */
  index(param: string, value: unknown, sink: IndexSink, context: { readonly baseUrl: string }): void;
  /** `text` is one OR value, still escaped and not empty. Throws FhirError 400 when it is malformed. */
  readonly parse: ParseValue;
  /** The modifiers that change how a value is understood; `:missing` and `:not` are the same for all. */
  readonly modifiers: Readonly<Record<string, ParseValue>>;
  /** Where its values are kept, for `:missing`. */
  readonly store: 'key' | 'string' | 'range';
}

/** A JSON object as found in a resource. */
export type Element = Readonly<Record<string, unknown>>;

export const isElement = (value: unknown): value is Element =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The elements of a repeating JSON property. */
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
