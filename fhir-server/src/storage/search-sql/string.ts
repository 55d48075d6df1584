/** Starts-with on the string table as a range of its B-tree (param, value collate "C"). */

/** SQL for: the row's resource has a value of `param` that starts with `value`. */
export function compileString(
  { param, value }: { readonly param: string; readonly value: string },
  table: string,
  alias: string,
  bind: (value: unknown, type: string) => string,
): string {
  const end = afterPrefix(value);
  const bounds = [`s.param = ${bind(param, 'text')}`, `s.value >= ${bind(value, 'text')}`];
  if (end !== undefined) bounds.push(`s.value < ${bind(end, 'text')}`);
  return `${alias}.id in (select s.id from ${table} s where ${bounds.join(' and ')})`;
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
