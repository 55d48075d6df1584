/** Range comparisons as SQL; the in-memory twin is search/compare-range.ts. https://hl7.org/fhir/R4/search.html#prefix */
import { type Comparison, type QuantityUnit, unitKey } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';
import { quoteName, rangeColumnsOf } from './names.ts';

type Bind = (value: unknown, type: string) => string;

/** `low` and `high` are SQL for one value's bounds, `l` and `h` for the search value's. */
function passesSql({ prefix }: Comparison, low: string, high: string, l: string, h: string): string {
  const inside = `${low} >= ${l} and ${high} <= ${h}`;
  switch (prefix) {
    case 'eq':
      return inside;
    case 'ne':
      return `not (${inside})`;
    case 'gt':
      return `${high} > ${h}`;
    case 'lt':
      return `${low} < ${l}`;
    case 'ge':
      return `(${high} > ${h} or (${inside}))`;
    case 'le':
      return `(${low} < ${l} or (${inside}))`;
    case 'sa':
      return `${low} > ${h}`;
    case 'eb':
      return `${high} < ${l}`;
    case 'ap':
      return `${low} <= ${h} and ${high} >= ${l}`;
  }
}

/** What the envelope of all values must fulfil for any of them to pass. */
function envelopeSql({ prefix }: Comparison, low: string, high: string, l: string, h: string): string {
  switch (prefix) {
    case 'eq':
    case 'ap':
      return `${low} <= ${h} and ${high} >= ${l}`;
    case 'ne':
      return `${low} is not null`;
    case 'gt':
    case 'sa':
      return `${high} > ${h}`;
    case 'lt':
    case 'eb':
      return `${low} < ${l}`;
    case 'ge':
      return `${high} >= ${l}`;
    case 'le':
      return `${low} <= ${h}`;
  }
}

export function compileRange(param: string, comparison: Comparison, alias: string, bind: Bind): string {
  const names = rangeColumnsOf(param);
  const [low, high, more] = [names.lowColumn, names.highColumn, names.moreColumn].map(
    (name) => `${alias}.${quoteName(name)}`,
  ) as [string, string, string];
  const l = bind(comparison.low, 'float8');
  const h = bind(comparison.high, 'float8');
  const { unit } = comparison;
  const envelope = envelopeSql(comparison, low, high, l, h);
  // With several values gt and lt need no look at them: the envelope's end is one value's end.
  if (!unit && (comparison.prefix === 'gt' || comparison.prefix === 'lt')) return `(${envelope})`;
  // A single value has the unit when the resource has the unit's key.
  const unitOfAny = unit
    ? `${alias}.keys @> array[${bind(hashKey(unitKey(param, unit.system ?? '', unit.code)), 'uuid')}] and `
    : '';
  const one = passesSql(comparison, low, high, l, h);
  const each = passesSql(comparison, '(v->>0)::float8', '(v->>1)::float8', l, h);
  const unitOfEach = unit ? ` and ${unitSql(unit, bind)}` : '';
  return (
    `(${unitOfAny}${envelope} and ((${more} is null and ${one}) or ` +
    `exists (select from jsonb_array_elements(${more}) v where ${each}${unitOfEach})))`
  );
}

function unitSql({ system, code }: QuantityUnit, bind: Bind): string {
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
