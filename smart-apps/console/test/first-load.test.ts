/** What the first page of the console loads. */
import { test } from '@jest/globals';
import { expectSmallFirstLoad } from '../../ui/test/support/first-load.ts';

test('The first load of the console stays below 250 kB of compressed script, and its other pages are no part of it.', async () => {
  await expectSmallFirstLoad('console', ['SearchPage', 'ResourcePage', 'UsersPage', 'QueryPage']);
}, 120_000);
