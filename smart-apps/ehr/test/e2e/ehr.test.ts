/** The EHR page in a real browser: the gallery of apps, and launches of an app of somebody else with patient, visit and intent. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Encounter } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { testWith } from '../../../../fhir-server/test/support/requirement.ts';
import { startWholeSystem, type WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import {
  openPage,
  requiredBrowser,
  startBrowser,
  takePicture,
  type WatchedPage,
} from '../../../ui/test/support/browser.ts';
import { startForeignApp, type ForeignApp } from '../../../ui/test/support/foreign-app.ts';

let system: WholeSystem;
let browser: Browser;
let app: ForeignApp;
let watched: WatchedPage;

beforeAll(async () => {
  if (requiredBrowser.path === undefined) return;
  // The app of the test is on this machine.
  system = await startWholeSystem({ EGRESS_ALLOW_PRIVATE: 'true' });
  app = await startForeignApp(system);
  browser = await startBrowser();
  watched = await openPage(browser);
  const { page } = watched;
  await page.goto(system.demo.urls.ehr);
  await page.getByLabel('User name').fill('doctor');
  await page
    .getByLabel('Password')
    .fill(system.demo.users.find(({ username }) => username === 'doctor')?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Search by name').waitFor();
}, 300_000);

afterAll(async () => {
  if (requiredBrowser.path === undefined) return;
  await browser.close();
  app.close();
  await system.stop();
}, 60_000);

async function openChart(page: Page): Promise<void> {
  await page.goto(system.demo.urls.ehr);
  await page.getByLabel('Search by name').fill('alvar');
  await page.getByRole('button', { name: /Alvarez/ }).click();
  await page.getByRole('heading', { name: 'Problems' }).waitFor();
}

/** What the app shows of its token answer. */
async function contextAt(page: Page): Promise<unknown> {
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.waitForURL(`${app.origin}/callback?**`);
  const shown = page.locator('#context');
  await page.waitForFunction(() => document.querySelector('#context')?.textContent !== '');
  return JSON.parse((await shown.textContent()) ?? '');
}

const cardOf = (page: Page) => page.getByRole('article', { name: 'Growth charts' });

testWith(requiredBrowser)(
  'The gallery shows whose an app is, with the copy of its logo that the server gives.',
  async () => {
    const { page, faults } = watched;
    await openChart(page);
    const card = cardOf(page);
    const host = new URL(app.origin).host;
    expect(await card.getByRole('link', { name: `${host} (new tab)` }).getAttribute('href')).toBe(
      `${app.origin}/home`,
    );
    await card.getByRole('link', { name: 'Privacy policy of Growth charts (new tab)' }).waitFor();
    await card.getByText('Can be launched for: percentiles').waitFor();
    const logo = card.locator('img');
    await logo.waitFor();
    expect(new URL((await logo.getAttribute('src')) ?? '').origin).toBe(new URL(page.url()).origin);
    expect(await logo.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(1);
    expect(app.logoRequests).toEqual([undefined]);
    await page
      .getByRole('article', { name: 'Scribe' })
      .getByRole('button', { name: 'Launch Scribe' })
      .waitFor();
    await expectNoAxeViolations(page);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1280, height: 860 });
    await takePicture(page, 'ehr-apps');
    expect(faults).toEqual([]);
  },
  240_000,
);

testWith(requiredBrowser)(
  'An app of somebody else is launched in the same tab, with the patient, and with the visit and the intent that were chosen.',
  async () => {
    const { page } = watched;
    await openChart(page);
    await page.getByRole('button', { name: 'Launch Growth charts' }).click();
    expect(await contextAt(page)).toEqual({ patient: 'demo-patient' });
    const [visit] = await system.find<Encounter>(
      'Encounter?patient=demo-patient&status=finished&_sort=-date&_count=1',
      (found) => found.length > 0,
      5_000,
    );
    await openChart(page);
    await page.getByRole('combobox', { name: 'Visit' }).selectOption(visit!.id!);
    await page.getByLabel('Intent').fill('reconcile-medications');
    await expectNoAxeViolations(page);
    await page.getByRole('button', { name: 'Launch Growth charts' }).click();
    expect(await contextAt(page)).toEqual({
      patient: 'demo-patient',
      encounter: visit!.id,
      intent: 'reconcile-medications',
    });
    expect(page.context().pages()).toHaveLength(1);
  },
  240_000,
);

testWith(requiredBrowser)(
  'What the server refuses of a launch is told, and nothing is opened.',
  async () => {
    const { page } = watched;
    await openChart(page);
    // As if the page had the visit of somebody else.
    await page.route('**/oauth2/launch-context', async (route) => {
      const body = route.request().postDataJSON() as object;
      await route.continue({ postData: JSON.stringify({ ...body, encounter: 'of-somebody-else' }) });
    });
    await page.getByRole('button', { name: 'Launch Growth charts' }).click();
    await page.getByText('encounter is no Encounter of this patient that you may read').waitFor();
    expect(new URL(page.url()).pathname).toBe('/apps/ehr/');
    await expectNoAxeViolations(page);
    await page.unroute('**/oauth2/launch-context');
  },
  240_000,
);
