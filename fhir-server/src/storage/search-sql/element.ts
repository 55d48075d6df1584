/** Composite parameters of repeating elements: all parts within one row of the `elements` column. */
import type { Expression, StringExpression } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';
import { passesSql, SearchBounds, unitSql } from './range.ts';

type Bind = (value: unknown, type: string) => string;

/** An element row as stored: keys hashed, strings as [param, value, text], ranges as in a `more` column. */
export function compileElement(
  { param, of }: Expression & { kind: 'element' },
  { alias, isDistributed }: { readonly alias: string; readonly isDistributed: boolean },
  bind: Bind,
): string {
  if (isDistributed) return compileElementFlat({ param, of }, alias, bind);
  const parts = of.map((part) => compilePart(part, bind));
  return `exists (select from jsonb_array_elements(${alias}.elements->${bind(param, 'text')}) e where ${parts.join(' and ')})`;
}

function compilePart(part: Expression, bind: Bind): string {
  switch (part.kind) {
    case 'key':
      return `e->'k' ?| ${bind(part.keys.map(hashKey), 'text[]')}`;
    case 'string':
      return stringPart(part, bind);
    case 'range':
      return rangePart(part, bind);
    case 'or':
      return `(${part.of.map((p) => compilePart(p, bind)).join(' or ')})`;
    case 'none':
      return 'false';
    default:
      throw new RangeError(`${part.kind} is not a part of a composite`);
  }
}

/**
 * The same without a subquery in a subquery, which Citus refuses: values of the element are further rows beside it, and
 * alternatives subqueries of their own.
 */
function compileElementFlat(
  { param, of }: { readonly param: string; readonly of: readonly Expression[] },
  alias: string,
  bind: Bind,
): string {
  const elements = `jsonb_array_elements(${alias}.elements->${bind(param, 'text')}) e`;
  const ways = of
    .map((part) => flatParts(part, bind))
    .reduce<FlatPart[][]>(
      (before, parts) => before.flatMap((way) => parts.map((part) => [...way, part])),
      [[]],
    );
  const found = ways.map((way) => {
    const values = way.flatMap(({ values: source }, i) => (source === undefined ? [] : [`${source} v${i}`]));
    const where = way.map((part, i) => part.passes(`v${i}`)).join(' and ');
    return `exists (select from ${[elements, ...values].join(' cross join ')} where ${where})`;
  });
  return found.length === 0 ? 'false' : `(${found.join(' or ')})`;
}

interface FlatPart {
  /** SQL of the values of the element that are looked at, if it is not the element itself. */
  readonly values?: string;
  readonly passes: (value: string) => string;
}

function flatParts(part: Expression, bind: Bind): FlatPart[] {
  switch (part.kind) {
    case 'string': {
      const passes = stringPasses(part, bind);
      return [{ values: `jsonb_array_elements(e->'s')`, passes }];
    }
    case 'range': {
      const values = `jsonb_array_elements(e->'r'->${bind(part.param, 'text')})`;
      return [{ values, passes: rangePasses(part, bind) }];
    }
    case 'or':
      return part.of.flatMap((p) => flatParts(p, bind));
    case 'none':
      return [];
    default: {
      const sql = compilePart(part, bind);
      return [{ passes: () => sql }];
    }
  }
}

/** Parts of a composite have no modifiers, so that a string is always looked for by its beginning. */
const stringPart = (part: StringExpression, bind: Bind): string =>
  `exists (select from jsonb_array_elements(e->'s') s where ${stringPasses(part, bind)('s')})`;

function stringPasses({ param, value }: StringExpression, bind: Bind): (found: string) => string {
  const [name, start] = [bind(param, 'text'), bind(value, 'text')];
  return (found) => `${found}->>0 = ${name} and starts_with(${found}->>1, ${start})`;
}

type RangePart = Expression & { kind: 'range' };

const rangePart = (part: RangePart, bind: Bind): string => {
  const passes = rangePasses(part, bind)('v');
  return `exists (select from jsonb_array_elements(e->'r'->${bind(part.param, 'text')}) v where ${passes})`;
};

function rangePasses({ comparison }: RangePart, bind: Bind): (value: string) => string {
  const search = new SearchBounds(comparison, bind);
  return (v) => {
    const passes = passesSql(comparison, `(${v}->>0)::float8`, `(${v}->>1)::float8`, search);
    return comparison.unit ? `${passes} and ${unitSql(comparison.unit, bind, v)}` : passes;
  };
}
