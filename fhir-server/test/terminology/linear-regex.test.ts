/** Regular expressions of value set filters: https://hl7.org/fhir/R4/valueset-filter-operator.html */
import { expect, test } from '@jest/globals';
import { linearRegex } from '../../src/terminology/linear-regex.ts';

test.each([
  ['abc', ['abc'], ['ab', 'abcd', 'xabc', '']],
  ['', [''], ['a']],
  ['a|bc|', ['a', 'bc', ''], ['b', 'abc']],
  ['^[A-Z]{2}$', ['CH', 'DE'], ['ch', 'CHE', 'C']],
  ['[A-Z]\\d{2,3}(\\.\\d+)?', ['A00', 'B123.45'], ['A0', 'A00.', 'A1234']],
  ['a{2,}', ['aa', 'aaaaa'], ['a']],
  ['(ab)*c+?', ['c', 'ababcc'], ['ab', 'abac']],
  ['[^a-c-]x', ['dx', ' x'], ['ax', '-x', 'x']],
  ['[\\w.-]+@[\\]a]', ['a.b-c@a', 'x@]'], ['@a']],
  ['.', ['a', 'ß', '😀'], ['\n', 'ab']],
  ['(?:a|(b|c)d)\\?', ['a?', 'cd?'], ['c?']],
  ['\\s\\S\\D\\W', [' ax!'], ['ax!!']],
  ['(a*)*(b|(c*)+)*', ['', 'aab', 'cccb'], ['d']],
  ['a{0}b', ['b'], ['ab']],
])('%s matches whole texts only.', (pattern, matching, others) => {
  const matches = linearRegex(pattern);
  expect(matching.filter((text) => !matches(text))).toEqual([]);
  expect(others.filter((text) => matches(text))).toEqual([]);
});

test.each([
  '(',
  ')',
  '[',
  '[]',
  '[b-a]',
  'a**',
  '*',
  '{',
  'a{2,1}',
  'a{x}',
  '\\',
  '\\k',
  '(?=a)',
  '(?<n>a)',
  '(a)\\1',
  'a^b',
  '[[:alpha:]]',
  '(('.repeat(100),
])('%s is refused with 400.', (pattern) => {
  expect(() => linearRegex(pattern)).toThrow(/regular expression/);
});

test.each(['a'.repeat(2_000), '(a{9999}){9999}', '((){9999}){9999}', '(a|b|c|d){3000}'])(
  'One that comes to too much is refused at once: %.20s.',
  (pattern) => {
    const start = performance.now();
    expect(() => linearRegex(pattern)).toThrow(/regular expression/);
    expect(performance.now() - start).toBeLessThan(500);
  },
);

test.each(['(a+)+b', '(a|a)*b', '(a|aa)+b', '(.*)*b', '(a?){50}a{50}'])(
  '%s takes time in proportion to the text.',
  (pattern) => {
    const start = performance.now();
    expect(linearRegex(pattern)(`${'a'.repeat(5_000)}c`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
  },
);
