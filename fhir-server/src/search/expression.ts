/**
 * The one tree in which searches, access filters and subscription criteria are expressed.
 *
 * The search planner and the access decision build it; `storage/search-sql` compiles it to SQL and
 * `match.ts` evaluates it in memory over an IndexRow. Both must give the same answer for every tree.
 */
export type Expression =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Expression[] }
  | { readonly kind: 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  /** The resource's logical id is one of these. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** The resource carries at least one of these index keys (token, reference, uri, compartment; see index-row.ts). */
  | { readonly kind: 'key'; readonly keys: readonly string[] }
  /** A string parameter has a value that starts with `value`, which is already normalised (normalise-string.ts). */
  | { readonly kind: 'string'; readonly param: string; readonly value: string }
  /** At least one value of a date, number or quantity parameter passes the comparison. */
  | { readonly kind: 'range'; readonly param: string; readonly comparison: Comparison }
  /** Comparison with meta.lastUpdated, in milliseconds since the epoch. */
  | { readonly kind: 'lastUpdated'; readonly comparison: Comparison };

/** Prefixes of R4 search, section 3.1.1.4.4 (https://hl7.org/fhir/R4/search.html#prefix). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/**
 * `low` and `high` bound the search value's own implicit range, both inclusive: dates in milliseconds since
 * the epoch, numbers and quantities as they are. For `ap` the planner has already widened the range and the
 * test is "overlaps". With `unit`, only quantities in that unit count.
 */
export interface Comparison {
  readonly prefix: Prefix;
  readonly low: number;
  readonly high: number;
  readonly unit?: QuantityUnit;
}

/** `system` undefined: any system. `code` is compared with the quantity's code, or with its unit text when no system is given. */
export interface QuantityUnit {
  readonly system?: string;
  readonly code: string;
}

export const ALL: Expression = { kind: 'all' };
export const NONE: Expression = { kind: 'none' };

/** Conjunction with the trivial cases folded away. */
export function and(...of: readonly Expression[]): Expression {
  const parts = of.flatMap((e) => (e.kind === 'and' ? e.of : [e])).filter((e) => e.kind !== 'all');
  if (parts.some((e) => e.kind === 'none')) return NONE;
  return parts.length === 0 ? ALL : parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
}

/** Disjunction with the trivial cases folded away. */
export function or(...of: readonly Expression[]): Expression {
  const parts = of.flatMap((e) => (e.kind === 'or' ? e.of : [e])).filter((e) => e.kind !== 'none');
  if (parts.some((e) => e.kind === 'all')) return ALL;
  return parts.length === 0 ? NONE : parts.length === 1 ? parts[0]! : { kind: 'or', of: parts };
}
