/** Range comparisons as SQL; the in-memory twin is search/compare-range.ts. https://hl7.org/fhir/R4/search.html#prefix */
import { type Comparison, type QuantityUnit, unitKey } from '../../search/index.ts';
import { SINGLE_WIDTH_MAX } from './encode-index-row.ts';
import { hashKey } from './key-hash.ts';
import { quoteName, rangeColumnsOf } from './names.ts';

type Bind = (value: unknown, type: string) => string;

/** SQL for the search value's bounds; each is bound when it is first used, since PostgreSQL refuses unused values. */
export class SearchBounds {
  readonly #bind: Bind;
  readonly #comparison: Comparison;
  #low: string | undefined;
  #high: string | undefined;

  constructor(comparison: Comparison, bind: Bind) {
    this.#comparison = comparison;
    this.#bind = bind;
  }

  get low(): string {
    return (this.#low ??= this.#bind(this.#comparison.low, 'float8'));
  }

  get high(): string {
    return (this.#high ??= this.#bind(this.#comparison.high, 'float8'));
  }
}

/** `low` and `high` are SQL for one value's bounds, `search` for the search value's. */
export function passesSql({ prefix }: Comparison, low: string, high: string, search: SearchBounds): string {
  const inside = (): string => `${low} >= ${search.low} and ${high} <= ${search.high}`;
  switch (prefix) {
    case 'eq':
      return inside();
    case 'ne':
      return `not (${inside()})`;
    case 'gt':
      return `${high} > ${search.high}`;
    case 'lt':
      return `${low} < ${search.low}`;
    case 'ge':
      return `(${high} > ${search.high} or (${inside()}))`;
    case 'le':
      return `(${low} < ${search.low} or (${inside()}))`;
    case 'sa':
      return `${low} > ${search.high}`;
    case 'eb':
      return `${high} < ${search.low}`;
    case 'ap':
      return `${low} <= ${search.high} and ${high} >= ${search.low}`;
  }
}

/** What the envelope of all values must fulfil for any of them to pass. */
function envelopeSql({ prefix }: Comparison, low: string, high: string, search: SearchBounds): string {
  switch (prefix) {
    case 'eq':
    case 'ap':
      return `${low} <= ${search.high} and ${high} >= ${search.low}`;
    case 'ne':
      return `${low} is not null`;
    case 'gt':
    case 'sa':
      return `${high} > ${search.high}`;
    case 'lt':
    case 'eb':
      return `${low} < ${search.low}`;
    case 'ge':
      return `${high} >= ${search.low}`;
    case 'le':
      return `${low} <= ${search.high}`;
  }
}

/** `byIndex`: the range may be what leads to the rows, so that its indexes must be able to. */
export function compileRange(
  param: string,
  comparison: Comparison,
  { alias, bind, byIndex }: RangeContext,
): string {
  const [low, high, more] = columnsOf(param, alias);
  const search = new SearchBounds(comparison, bind);
  const { unit, prefix } = comparison;
  const envelope = envelopeSql(comparison, low, high, search);
  // With several values gt and lt need no look at them: the envelope's end is one value's end.
  if (!unit && (prefix === 'gt' || prefix === 'lt')) return `(${envelope})`;
  // A single value has the unit when the resource has the unit's key.
  const unitOfAny = unit
    ? `${alias}.keys @> array[${bind(hashKey(unitKey(param, unit.system ?? '', unit.code)), 'uuid')}] and `
    : '';
  const one = passesSql(comparison, low, high, search);
  const each = passesSql(comparison, '(v->>0)::float8', '(v->>1)::float8', search);
  const unitOfEach = unit ? ` and ${unitSql(unit, bind)}` : '';
  const any = `exists (select from jsonb_array_elements(${more}) v where ${each}${unitOfEach})`;
  if (byIndex && (prefix === 'eq' || prefix === 'ap')) {
    // The low end leads to the rows; a bitmap of all lower or higher high ends would only be read in vain.
    const single =
      prefix === 'eq'
        ? `${low} between ${search.low} and ${search.high} and (${high} + 0) <= ${search.high}`
        : `${low} between ${search.low} - ${SINGLE_WIDTH_MAX} and ${search.high} and (${high} + 0) >= ${search.low}`;
    return `(${unitOfAny}((${more} is null and ${single}) or (${more} is not null and ${overlapSql(low, high, search)} and ${any})))`;
  }
  return `(${unitOfAny}${envelope} and ((${more} is null and ${one}) or ${any}))`;
}

/**
 * Of the rows apart. The columns stand on the right: what both sides of an `or` say in the same words, the planner takes
 * out of them, and then no longer sees that two bounds of a single value belong together.
 */
const overlapSql = (
  low: string,
  high: string,
  search: { readonly low: string; readonly high: string },
): string => `${search.high} >= ${low} and ${search.low} <= ${high}`;

export interface RangeContext {
  readonly alias: string;
  readonly bind: Bind;
  readonly byIndex: boolean;
}

const columnsOf = (param: string, alias: string): [low: string, high: string, more: string] => {
  const { lowColumn, highColumn, moreColumn } = rangeColumnsOf(param);
  return [lowColumn, highColumn, moreColumn].map((name) => `${alias}.${quoteName(name)}`) as [string, string, string]; // prettier-ignore
};

/**
 * What follows from a "from" and a "to" of one parameter together, as SQL that an index and the planner's statistics
 * understand; apart, each is true of half of all rows. Undefined where there is no such pair.
 */
export function compileWindow(
  param: string,
  comparisons: readonly Comparison[],
  { alias, bind }: Omit<RangeContext, 'byIndex'>,
): string | undefined {
  const from = comparisons.find(({ prefix }) => /^(ge|gt|sa)$/.test(prefix));
  const to = comparisons.find(({ prefix }) => /^(le|lt|eb)$/.test(prefix));
  if (from === undefined || to === undefined) return undefined;
  const [low, high, more] = columnsOf(param, alias);
  const search = { low: bind(from.low, 'float8'), high: bind(to.high, 'float8') };
  return (
    `((${more} is null and ${low} between ${search.low} - ${SINGLE_WIDTH_MAX} and ${search.high}) or ` +
    `(${more} is not null and ${overlapSql(low, high, search)}))`
  );
}

export function unitSql({ system, code }: QuantityUnit, bind: Bind, v = 'v'): string {
  const c = bind(code, 'text');
  return system === undefined
    ? `(${v}->>3 = ${c} or ${v}->>4 = ${c})`
    : `(${v}->>2 = ${bind(system, 'text')} and ${v}->>3 = ${c})`;
}

/** `_lastUpdated` is a single moment: the comparison reduces to bounds that a B-tree can use. */
export function compileLastUpdated(comparison: Comparison, alias: string, bind: Bind): string {
  const column = `${alias}.last_updated`;
  // Widened limits of `ap` may lie between milliseconds.
  const low = (): string => bind(Math.ceil(comparison.low), 'bigint');
  const high = (): string => bind(Math.floor(comparison.high), 'bigint');
  switch (comparison.prefix) {
    case 'eq':
    case 'ap':
      return `(${column} between ${low()} and ${high()})`;
    case 'ne':
      return `(${column} not between ${low()} and ${high()})`;
    case 'gt':
    case 'sa':
      return `(${column} > ${high()})`;
    case 'lt':
    case 'eb':
      return `(${column} < ${low()})`;
    case 'ge':
      return `(${column} >= ${low()})`;
    case 'le':
      return `(${column} <= ${high()})`;
  }
}
