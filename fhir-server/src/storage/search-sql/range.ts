/** Range comparisons as SQL; the in-memory twin is search/compare-range.ts. https://hl7.org/fhir/R4/search.html#prefix */
import { type Comparison, type QuantityUnit, unitKey } from '../../search/index.ts';
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

export function compileRange(param: string, comparison: Comparison, alias: string, bind: Bind): string {
  const names = rangeColumnsOf(param);
  const [low, high, more] = [names.lowColumn, names.highColumn, names.moreColumn].map(
    (name) => `${alias}.${quoteName(name)}`,
  ) as [string, string, string];
  const search = new SearchBounds(comparison, bind);
  const { unit } = comparison;
  const envelope = envelopeSql(comparison, low, high, search);
  // With several values gt and lt need no look at them: the envelope's end is one value's end.
  if (!unit && (comparison.prefix === 'gt' || comparison.prefix === 'lt')) return `(${envelope})`;
  // A single value has the unit when the resource has the unit's key.
  const unitOfAny = unit
    ? `${alias}.keys @> array[${bind(hashKey(unitKey(param, unit.system ?? '', unit.code)), 'uuid')}] and `
    : '';
  const one = passesSql(comparison, low, high, search);
  const each = passesSql(comparison, '(v->>0)::float8', '(v->>1)::float8', search);
  const unitOfEach = unit ? ` and ${unitSql(unit, bind)}` : '';
  return (
    `(${unitOfAny}${envelope} and ((${more} is null and ${one}) or ` +
    `exists (select from jsonb_array_elements(${more}) v where ${each}${unitOfEach})))`
  );
}

export function unitSql({ system, code }: QuantityUnit, bind: Bind): string {
  const c = bind(code, 'text');
  return system === undefined
    ? `(v->>3 = ${c} or v->>4 = ${c})`
    : `(v->>2 = ${bind(system, 'text')} and v->>3 = ${c})`;
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
