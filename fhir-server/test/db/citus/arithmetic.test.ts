/** The figures of docs/scaling.md follow from each other, and the measured ones stand in the pages that it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const numberOf = (text: string): number => Number(text.replaceAll(',', ''));

interface Row {
  readonly name: string;
  readonly text: string;
  readonly from: string;
}

const rows: readonly Row[] = [
  ...page('scaling.md').matchAll(/^\| \**([a-z_]+)\** +\| ([\d.,]+) +\| [^|]*\| ([^|]+?) *\|$/gm),
].map(([, name, text, from]) => ({ name: name!, text: text!, from: from! }));

/** Formulas are products and quotients, from left to right, of the values that the formulas before them gave. */
function compute(formula: string, values: ReadonlyMap<string, number>): number {
  const [first, ...rest] = formula.split(' ');
  const valueOf = (word: string): number => values.get(word) ?? Number(word);
  let result = valueOf(first!);
  for (let i = 0; i < rest.length; i += 2) {
    const operand = valueOf(rest[i + 1]!);
    result = rest[i] === '×' ? result * operand : result / operand;
  }
  return result;
}

test('Each figure that has a formula is what the formula gives, to three digits.', () => {
  const values = new Map<string, number>();
  const wrong: string[] = [];
  for (const { name, text, from } of rows) {
    const isGiven = /^(chosen|measured)/.test(from);
    const value = isGiven ? numberOf(text) : compute(from, values);
    values.set(name, value);
    if (!(Math.abs(value - numberOf(text)) <= Math.abs(value) * 0.002)) wrong.push(`${name} is ${value}`);
  }
  expect(rows.length).toBeGreaterThan(25);
  expect(wrong).toEqual([]);
});

const cellsOf = (name: string, row: RegExp): string[] =>
  page(name)
    .split('\n')
    .filter((line) => row.test(line))
    .flatMap((line) => line.split('|').map((cell) => cell.trim()));

test.each([
  ['bytes', 'performance.md', /^\| bytes per resource, with indexes/, 4],
  ['load_rate', 'performance.md', /^\| Synthea bundles, resources +\| 3,637/, 5],
  ['search_ms', 'performance.md', /^\| patient & code +\| 1,503/, 7],
  ['lookup_ms', 'performance.md', /^\| ceiling: passthrough read +\| 3,514/, 7],
  ['index_part', 'adr/0003-storage-layout.md', /^\| bytes a resource, indexes/, 6],
  ['whole', 'adr/0003-storage-layout.md', /^\| bytes a resource, sum/, 6],
])('%s is as it was measured in docs/%s.', (name, file, row, column) => {
  expect(cellsOf(file, row)[column]).toBe(rows.find((one) => one.name === name)?.text);
});
