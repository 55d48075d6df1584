/** `npm run pages` on a running system: each page is reached and measured, and nothing is to be mended but what is slow here. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { requiredBrowser, startBrowser } from '../support/browser.ts';
import { checkPage, VISITS } from '../../scripts/check-pages.ts';
import { accessibilityRemarks, documentRemarks, slowRemarks } from '../../scripts/remarks.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';

let system: WholeSystem;
let browser: Browser;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  system = await startWholeSystem();
  browser = await startBrowser();
}, 250_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
}, 60_000);

testWith(requiredBrowser)(
  'The first pages of the apps, on a phone, leave nothing to mend, and their scripts are as small as is promised.',
  async () => {
    for (const visit of VISITS) {
      const { name, figures, remarks } = await checkPage(browser, system.demo, visit);
      expect([name, remarks]).toEqual([name, []]);
      expect(figures.scriptBytes).toBeGreaterThan(50_000);
      expect(figures.scriptBytes).toBeLessThan(250_000);
      expect(figures.firstPaintMs).toBeGreaterThan(0);
      expect(figures.largestPaintMs).toBeGreaterThanOrEqual(figures.firstPaintMs);
      expect(figures.usableMs).toBeGreaterThan(figures.firstPaintMs);
      expect([name, figures.shift < 0.1]).toEqual([name, true]);
    }
  },
  240_000,
);

testWith(requiredBrowser)(
  'A page that is poor is told so.',
  async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
    await page.setContent('<p style="width:900px;color:#aaa">wide<img src="data:,"></p>');
    expect(await documentRemarks(page)).toEqual([
      'the document names no language',
      'the document has no title',
      'the document has no description',
      'the document has no viewport of the device',
      'the page is wider than the phone',
    ]);
    const rules = (await accessibilityRemarks(page)).map((remark) => remark.split(':')[0]);
    expect(rules).toEqual(expect.arrayContaining(['color-contrast', 'document-title', 'image-alt']));
    const slow = {
      firstPaintMs: 1_801,
      largestPaintMs: 1,
      blockedMs: 0,
      shift: 0.2,
      scriptBytes: 1,
      usableMs: 9,
    };
    expect(slowRemarks(slow)).toEqual(['firstPaintMs is 1801, over 1800', 'shift is 0.2, over 0.1']);
  },
  240_000,
);
