/** Composite parameters of repeating elements: all parts within one row of the `elements` column. */
import type { Expression, StringExpression } from '../../search/index.ts';
import { hashKey } from './key-hash.ts';
import { passesSql, SearchBounds, unitSql } from './range.ts';

type Bind = (value: unknown, type: string) => string;

/** An element row as stored: keys hashed, strings as [param, value, text], ranges as in a `more` column. */
export function compileElement(
  { param, of }: Expression & { kind: 'element' },
  alias: string,
  bind: Bind,
): string {
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

/** Parts of a composite have no modifiers, so that a string is always looked for by its beginning. */
const stringPart = ({ param, value }: StringExpression, bind: Bind): string =>
  `exists (select from jsonb_array_elements(e->'s') s where s->>0 = ${bind(param, 'text')} and starts_with(s->>1, ${bind(value, 'text')}))`;

function rangePart({ param, comparison }: Expression & { kind: 'range' }, bind: Bind): string {
  const search = new SearchBounds(comparison, bind);
  const passes = passesSql(comparison, '(v->>0)::float8', '(v->>1)::float8', search);
  const unit = comparison.unit ? ` and ${unitSql(comparison.unit, bind)}` : '';
  return `exists (select from jsonb_array_elements(e->'r'->${bind(param, 'text')}) v where ${passes}${unit})`;
}
