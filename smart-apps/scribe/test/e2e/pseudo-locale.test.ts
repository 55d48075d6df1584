/** The scribe with each catalog string in brackets: whatever else can be read on its pages is data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { openPage, requiredBrowser, startBrowser } from '../../../ui/test/support/browser.ts';
import { buildPseudoApp, textsOutsideCatalog } from '../../../ui/test/support/pseudo-locale.ts';
import { launchScribe, VISIT } from '../support/visit.ts';

let system: WholeSystem;
let browser: Browser;
let appsDir: string;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  appsDir = mkdtempSync(join(tmpdir(), 'dr-assistant-pseudo-'));
  await buildPseudoApp('scribe', appsDir);
  system = await startWholeSystem({ APPS_DIR: appsDir });
  browser = await startBrowser();
}, 250_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  await system.stop();
  rmSync(appsDir, { recursive: true, force: true });
}, 60_000);

/** What the server sent to this page, attachments decoded; a text made of several values is data piece by piece. */
function collectData(page: Page): { settled: () => Promise<unknown>; isData: (text: string) => boolean } {
  const sent: string[] = [VISIT];
  const reading: Promise<void>[] = [];
  page.on('response', (response) => {
    if (!response.url().includes('/fhir/R4')) return;
    const read = response.text().then(
      (body) => {
        const attachments = [...body.matchAll(/"data":\s?"([A-Za-z0-9+/=]+)"/g)].map((m) =>
          Buffer.from(m[1] ?? '', 'base64').toString('utf8'),
        );
        sent.push(...[body, ...attachments].map((text) => text.replace(/\\"/g, '"').toLowerCase()));
      },
      () => undefined,
    );
    reading.push(read);
  });
  const isSent = (words: string): boolean => sent.some((text) => text.includes(words.toLowerCase()));
  const pieces = (text: string): string[] => text.split(/[·:,/()\d\n]+/).map((piece) => piece.trim());
  return {
    // What is shown may have been read by the page first.
    settled: () => Promise.all(reading),
    isData: (text) => isSent(text) || pieces(text).every(isSent),
  };
}

testWith(requiredBrowser)(
  'No text of the scribe’s pages is outside of its catalog.',
  async () => {
    const { page } = await openPage(browser);
    const { settled, isData } = collectData(page);
    const expectAllInCatalog = async (): Promise<void> => {
      expect(await textsOutsideCatalog(page, isData, settled)).toEqual([]);
    };
    await launchScribe(page, system);
    await page.getByRole('region', { name: '⟦Visits⟧' }).waitFor();
    await expectAllInCatalog();
    await page.getByRole('button', { name: '⟦New visit⟧' }).click();
    for (const tab of ['⟦Record⟧', '⟦Upload a file⟧', '⟦Paste a transcript⟧']) {
      await page.getByRole('tab', { name: tab }).click();
      await expectAllInCatalog();
    }
    await page.getByLabel('⟦Transcript⟧').fill(VISIT);
    await page.getByRole('button', { name: '⟦Create draft⟧' }).click();
    await page.getByText('⟦Drafted by software').waitFor({ timeout: 30_000 });
    await page.getByRole('combobox', { name: '⟦Template⟧' }).waitFor();
    await expectAllInCatalog();
    for (const button of await page.getByRole('button', { name: /^⟦Accept / }).all()) await button.click();
    await page
      .getByRole('button', { name: /^⟦Edit:/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^⟦Change / })
      .first()
      .click();
    await expectAllInCatalog();
    await page.getByRole('button', { name: '⟦Sign note⟧' }).click();
    await expectAllInCatalog();
    await page.getByRole('dialog').getByRole('button', { name: '⟦Sign⟧', exact: true }).click();
    await page.getByText(/^⟦Signed by/).waitFor();
    await expectAllInCatalog();
  },
  240_000,
);
