/** Visits the first pages of each app on a phone, logged in, and tells the figures and what is to be mended. */
import { devices, type Browser, type Page } from 'playwright-core';
import type { DemoFile } from '../../../scripts/start/demo.ts';
import { measure, type Figures } from './figures.ts';
import { accessibilityRemarks, documentRemarks, slowRemarks } from './remarks.ts';

export interface PageReport {
  readonly name: string;
  readonly figures: Figures;
  readonly slow: readonly string[];
  readonly remarks: readonly string[];
}

interface Visit {
  readonly name: string;
  readonly user: string;
  readonly app: keyof DemoFile['urls'];
  /** Behind the app's address. */
  readonly hash?: string;
  /** What stands there when the page can be used. */
  readonly settled: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole('heading', { name }).first().waitFor();

export const VISITS: readonly Visit[] = [
  { name: 'EHR', user: 'doctor', app: 'ehr', settled: (page) => page.getByText(/Alvarez/).first().waitFor() }, // prettier-ignore
  { name: 'scribe: day', user: 'doctor', app: 'scribe', settled: (page) => page.getByRole('list').first().waitFor() }, // prettier-ignore
  { name: 'scribe: chart', user: 'doctor', app: 'scribe', hash: '#/patient/demo-patient', settled: heading('Problems') }, // prettier-ignore
  { name: 'portal: home', user: 'patient', app: 'portal', settled: heading(/./) },
  {
    name: 'portal: record',
    user: 'patient',
    app: 'portal',
    hash: '#/record',
    settled: heading('Medications'),
  },
  { name: 'console: types', user: 'admin', app: 'console', settled: heading('Resources') },
];

async function logIn(page: Page, { urls, users }: DemoFile, { app, user }: Visit): Promise<void> {
  await page.goto(urls[app]);
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(users.find(({ username }) => username === user)?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/apps/'));
}

export async function checkPage(browser: Browser, demo: DemoFile, visit: Visit): Promise<PageReport> {
  const context = await browser.newContext({ ...devices['Pixel 7'], locale: 'en-US' });
  try {
    const first = await context.newPage();
    await logIn(first, demo, visit);
    await first.close();
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(`an exception that nothing caught: ${message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`an error on the console: ${message.text()}`);
    });
    const figures = await measure(page, async () => {
      await page.goto(`${demo.urls[visit.app]}${visit.hash ?? ''}`);
      await visit.settled(page);
    });
    const remarks = [...faults, ...(await documentRemarks(page)), ...(await accessibilityRemarks(page))];
    return { name: visit.name, figures, slow: slowRemarks(figures), remarks };
  } finally {
    await context.close();
  }
}
