/** The table of attack cases in docs/security.md names each case with tests that name it too. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const section = /\n## Attack cases\n(.*?)(?=\n## |$)/s.exec(page)?.[1] ?? '';
const rows = [...section.matchAll(/^\| *(\d+) *\| *([^|]+?) *\| *([^|]+?) *\|$/gm)].map(
  ([, number, attack, tests]) => ({ number: Number(number), attack, tests: tests ?? '' }),
);

describe('The table of attack cases', () => {
  test('has each of the forty once.', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test.each(rows)('names for $number the tests of $attack.', ({ number, tests }) => {
    const files = [...tests.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(0);
    const named = new RegExp(`\\(attack ${number}\\b`);
    const wrong = files.filter(
      (file) => !existsSync(join(root, file)) || !named.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });
});
