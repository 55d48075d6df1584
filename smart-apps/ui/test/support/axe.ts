/** Accessibility of a page as it stands, by axe-core (https://github.com/dequelabs/axe-core). */
import { expect } from '@jest/globals';
import type { RunOnly } from 'axe-core';
import type { Page } from 'playwright-core';
import { runAxe, WCAG } from '../../scripts/run-axe.ts';

/** In the dark the same elements stand there: what there is to see of them is all that can differ. */
const COLOURS: RunOnly = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

const SCHEMES = [
  { colorScheme: 'light', runOnly: WCAG, passesMin: 11 },
  { colorScheme: 'dark', runOnly: COLOURS, passesMin: 1 },
] as const;

/** Fails with rule, element and reason of each violation, in light and in dark. Waits until the page has settled. */
export async function expectNoAxeViolations(page: Page): Promise<void> {
  for (const { colorScheme, runOnly, passesMin } of SCHEMES) {
    // Without motion nothing is half faded in while its contrast is measured.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.waitForTimeout(100);
    // On a busy machine colours are still on their way after that.
    await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running'));
    const { violations, passes } = await runAxe(page, runOnly);
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${colorScheme}: ${id}: ${node.html.slice(0, 300)}: ${node.failureSummary ?? ''}`),
    );
    expect(told).toEqual([]);
    expect(passes.length).toBeGreaterThanOrEqual(passesMin);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
