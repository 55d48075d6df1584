/** How much script the console's first page needs. */
import { expect, test } from '@jest/globals';
import { FIRST_LOAD_BYTES_MAX, firstLoadOf } from '../../ui/test/support/first-load.ts';

test('The first load of the console stays below 250 kB of compressed script, and its other pages are no part of it.', async () => {
  const { bytes, isLater } = await firstLoadOf('console');
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  for (const page of ['SearchPage', 'ResourcePage', 'UsersPage', 'QueryPage'])
    expect([page, isLater(`app/pages/${page}.tsx`)]).toEqual([page, true]);
}, 120_000);
