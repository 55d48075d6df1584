/** The demo patient's way into the portal, and what every page of it must be. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { WholeSystem } from '../../../../scripts/test/support/whole-system.ts';
import { expectNoAxeViolations } from '../../../ui/test/support/axe.ts';
import type { WatchedPage } from '../../../ui/test/support/browser.ts';

export async function logIn(page: Page, { demo }: WholeSystem): Promise<void> {
  await page.goto(demo.urls.portal);
  await page.getByLabel('User name').fill('patient');
  await page
    .getByLabel('Password')
    .fill(demo.users.find(({ username }) => username === 'patient')?.password ?? '');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Hello, Maria Alvarez' }).waitFor();
}

/** By the menu. */
export const goTo = async (page: Page, place: string, heading = place): Promise<void> => {
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: place }).click();
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
};

/** Neither an exception nor a script that the page's policy refused, and nothing wider than a phone. */
export async function expectSoundPage({ page, faults }: WatchedPage): Promise<void> {
  await expectNoAxeViolations(page);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1280, height: 860 });
  expect(faults).toEqual([]);
}

/** A day in New York, as the page asks for it. */
export const inDays = (days: number): string => {
  const date = new Date(Date.now() + days * 86_400_000);
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' }).format(date);
  return encodeURIComponent(`${day}T00:00:00-05:00`);
};
