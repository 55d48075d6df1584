/** Every official example is valid, but for those that break the standard's rules. */
import { expect, test } from '@jest/globals';
import { validateResource } from '../../src/validate/index.ts';
import { EXAMPLE_EXCEPTIONS } from './example-exceptions.ts';
import { exampleNames, readExample } from './official-examples.ts';

test('all official examples are valid, and the exceptions fail where they are known to', () => {
  const names = exampleNames();
  expect(names.length).toBeGreaterThan(5_000);
  const failures = names.flatMap((name) => {
    const [first] = validateResource(readExample(name));
    return first === undefined ? [] : [[name, first.expression?.[0]]];
  });
  expect(Object.fromEntries(failures)).toEqual(
    Object.fromEntries(
      Object.entries(EXAMPLE_EXCEPTIONS).map(([name, { expression }]) => [name, expression]),
    ),
  );
}, 120_000);
