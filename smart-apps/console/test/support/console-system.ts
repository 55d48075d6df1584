/** The console in a real browser, as the user `admin`. */
import type { Browser, Page } from 'playwright-core';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import { requiredBrowser, startBrowser, takePicture } from '../../../ui/test/support/browser.ts';

export interface ConsoleSystem {
  readonly system: WholeSystem;
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** Undefined where there is no browser, and nothing is tested. */
export async function startConsole(): Promise<ConsoleSystem | undefined> {
  if (requiredBrowser.path === undefined) return undefined;
  const system = await startWholeSystem();
  const browser = await startBrowser();
  return {
    system,
    browser,
    async stop() {
      await browser.close();
      await system.stop();
    },
  };
}

export async function logIn(page: Page, { demo }: WholeSystem): Promise<void> {
  const { urls, users } = demo;
  await page.goto(urls.console);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(users.find((u) => u.username === 'admin')?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Resources' }).waitFor();
}

/** By the navigation. */
export async function visit(page: Page, link: string, heading: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .getByRole('link', { name: link })
    .click();
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.getByRole('progressbar', { name: 'Loading…' }).first().waitFor({ state: 'detached' });
}

/** As it stands: accessible in light and dark, and in a picture. */
export async function check(page: Page, picture: string): Promise<void> {
  await expectNoAxeViolations(page);
  await takePicture(page, `console-${picture}`);
}
