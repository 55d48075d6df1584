/** The system's Chromium for tests of apps: one start for all, and pages that report what went wrong on them. */
import { join } from 'node:path';
import {
  chromium as browserType,
  type Browser,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { chromium } from '../../../../fhir-server/test/support/requirement.ts';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What a test with a browser needs: `testWith(requiredBrowser)('A title.', …)`. */
export const requiredBrowser = chromium();

/** Throws when there is no Chromium; ask `requiredBrowser.path` before. @param more arguments of Chromium */
export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  if (requiredBrowser.path === undefined) throw new Error(`A browser needs ${requiredBrowser.hint}.`);
  return browserType.launch({ executablePath: requiredBrowser.path, args: [...ARGUMENTS, ...more] });
}

export interface WatchedPage {
  readonly page: Page;
  /** Exceptions that nothing on the page caught, and scripts that its policy refused. */
  readonly faults: readonly string[];
}

/** A page of its own session, in English and in New York, whatever the machine speaks; `options` say otherwise. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    locale: 'en-US',
    timezoneId: 'America/New_York',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  return { page, faults };
}

/** A picture for the documentation, when SCREENSHOTS names a folder. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
