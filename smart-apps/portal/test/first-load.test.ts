/** How much script the portal's first page needs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FIRST_LOAD_BYTES_MAX, firstLoadOf } from '../../ui/test/support/first-load.ts';

test('The first load of the portal stays below 250 kB of compressed script; other pages and FHIRPath are no part of it.', async () => {
  const { bytes, isLater } = await firstLoadOf('portal');
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  const pages = readdirSync(join(import.meta.dirname, '../app/pages')).filter((p) => p !== 'HomePage.tsx');
  for (const page of pages) expect([page, isLater(`app/pages/${page}`)]).toEqual([page, true]);
  expect(isLater('../../node_modules/fhirpath/esm/fhirpath.mjs')).toBe(true);
}, 120_000);
