/** Accessibility of a page as it stands, by axe-core (https://github.com/dequelabs/axe-core). */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 at the levels A and AA, of which each version has tags of its own, and axe's own good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

/** In the dark the same elements stand there: what there is to see of them is all that can differ. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

const SCHEMES = [
  { colorScheme: 'light', runOnly: { type: 'tag', values: TAGS }, passesMin: 10 },
  { colorScheme: 'dark', runOnly: { type: 'rule', values: RULES_OF_COLOUR }, passesMin: 1 },
] as const;

/** Fails with rule, element and reason of each violation, in light and in dark. Waits until the page has settled. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  for (const { colorScheme, runOnly, passesMin } of SCHEMES) {
    // Without motion nothing is half faded in while its contrast is measured.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForTimeout(100);
    // On a busy machine colours are still on their way after that.
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running'));
    // The page's policy refuses script elements; evaluated code is not the page's.
    await page.evaluate(`if (!('axe' in window)) { ${source} }`);
    const { violations, passes } = await page.evaluate(
      (only) =>
        (
          globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
        ).axe.run(document, { runOnly: only }),
      runOnly,
    );
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${colorScheme}: ${id}: ${node.html.slice(0, 300)}: ${node.failureSummary ?? ''}`),
    );
    expect(told).toEqual([]);
    expect(passes.length).toBeGreaterThanOrEqual(passesMin);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
