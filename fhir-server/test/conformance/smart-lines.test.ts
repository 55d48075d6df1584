/** Every line of the acceptance list for SMART, US Core and Bulk Data has a test by its number, or a reason why it has none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const LINES = 178;

/** Lines that no test of this server can hold. */
const REASONS: Readonly<Record<number, string>> = {
  19: 'TLS ends at the proxy; docs/security.md says which versions it is to accept',
  144: 'it is about the data of a site: which elements occur in it, not about the server',
};

const tests = join(import.meta.dirname, '..');

function numbersInTitles(): Set<number> {
  const found = new Set<number>();
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  for (const file of files)
    for (const [, list = ''] of readFileSync(join(tests, file), 'utf8').matchAll(
      /\bsmart (\d+(?:(?:, (?:smart )?|-)\d+)*)/g,
    ))
      for (const part of list.replaceAll('smart ', '').split(', ')) {
        const [from = NaN, to = from] = part.split('-').map(Number);
        for (let line = from; line <= to; line += 1) found.add(line);
      }
  return found;
}

test('Each line has a test that names it, or a reason.', () => {
  const found = numbersInTitles();
  const lines = Array.from({ length: LINES }, (_, i) => i + 1);
  expect(lines.filter((line) => !found.has(line) && REASONS[line] === undefined)).toEqual([]);
  expect(
    Object.keys(REASONS)
      .map(Number)
      .filter((line) => found.has(line)),
  ).toEqual([]);
});
