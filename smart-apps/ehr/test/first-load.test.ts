/** How much script the EHR page needs. */
import { expect, test } from '@jest/globals';
import { FIRST_LOAD_BYTES_MAX, firstLoadOf } from '../../ui/test/support/first-load.ts';

test('The first load of the EHR page stays below 250 kB of compressed script.', async () => {
  const { bytes } = await firstLoadOf('ehr');
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
}, 120_000);
