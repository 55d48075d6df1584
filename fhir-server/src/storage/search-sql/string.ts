/** String comparisons on the string table: by its B-tree (param, value collate "C"), or by trigrams. */
import type { StringExpression } from '../../search/index.ts';

type Bind = (value: unknown, type: string) => string;

/** SQL for: the row's resource has a value of the parameter that matches. */
export function compileString(
  expression: StringExpression,
  table: string,
  alias: string,
  bind: Bind,
): string {
  const param = bind(expression.param, 'text');
  return `${alias}.id in (select s.id from ${table} s where s.param = ${param} and ${comparison(expression, bind)})`;
}

function comparison({ match, value, text }: StringExpression, bind: Bind): string {
  switch (match) {
    case 'start':
      return prefixSql('s.value', value, bind);
    case 'exact':
      return `s.value = ${bind(value, 'text')} and s.text = ${bind(text ?? value, 'text')}`;
    case 'equal':
      return `s.value = ${bind(value, 'text')}`;
    case 'contains':
      return `s.value like ${bind(`%${likeText(value)}%`, 'text')}`;
    case 'end':
      return `s.value like ${bind(`%${likeText(value)}`, 'text')}`;
  }
}

const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** Starts-with as a range of a B-tree. */
export function prefixSql(column: string, value: string, bind: Bind): string {
  const end = afterPrefix(value);
  const from = `${column} >= ${bind(value, 'text')}`;
  return end === undefined ? from : `${from} and ${column} < ${bind(end, 'text')}`;
}

/** The least text after all texts with the prefix, in code point order; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (c) => c.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Surrogates are no characters.
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
