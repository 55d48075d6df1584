/** axe-core on a page as it stands. https://github.com/dequelabs/axe-core */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOnly } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 at the levels A and AA, of which each version has tags of its own, and axe's own good practice. */
export const WCAG: RunOnly = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'],
};

export async function runAxe(page: Page, runOnly: RunOnly): Promise<AxeResults> {
  // The page's policy refuses script elements; evaluated code is not the page's.
  await page.evaluate(`if (!('axe' in window)) { ${source} }`);
  return page.evaluate(
    (only) =>
      (
        globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
      ).axe.run(document, { runOnly: only }),
    runOnly,
  );
}
