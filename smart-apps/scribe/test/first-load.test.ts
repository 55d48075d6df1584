/** What the first page of the scribe loads. */
import { test } from '@jest/globals';
import { expectSmallFirstLoad } from '../../ui/test/support/first-load.ts';

test('The first load of the scribe stays below 250 kB of compressed script, and its other pages are no part of it.', async () => {
  await expectSmallFirstLoad('scribe', ['NewVisitPage', 'VisitPage']);
}, 120_000);
