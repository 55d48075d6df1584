/** What is to be mended on a page: what takes too long, what does not hold WCAG 2.2 AA, and what a page of the web should have. */
import type { Page } from 'playwright-core';
import type { Figures } from './figures.ts';
import { runAxe, WCAG } from './run-axe.ts';

/** Up to these, Lighthouse calls a mobile page good; the script's size is our own limit. */
export const LIMITS: Readonly<Record<Exclude<keyof Figures, 'usableMs'>, number>> = {
  firstPaintMs: 1_800,
  largestPaintMs: 2_500,
  blockedMs: 200,
  shift: 0.1,
  scriptBytes: 250_000,
};

export const slowRemarks = (figures: Figures): string[] =>
  Object.entries(LIMITS).flatMap(([name, limit]) => {
    const value = figures[name as keyof typeof LIMITS];
    return value <= limit ? [] : [`${name} is ${Math.round(value * 100) / 100}, over ${limit}`];
  });

/** By axe-core, in the state in which the page is. */
export async function accessibilityRemarks(page: Page): Promise<string[]> {
  const { violations } = await runAxe(page, WCAG);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
}

export async function documentRemarks(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => ({
    language: document.documentElement.lang,
    title: document.title,
    viewport: document.querySelector('meta[name=viewport]')?.getAttribute('content') ?? '',
    description: document.querySelector('meta[name=description]')?.getAttribute('content') ?? '',
    isTooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  return [
    ...(found.language === '' ? ['the document names no language'] : []),
    ...(found.title === '' ? ['the document has no title'] : []),
    ...(found.description === '' ? ['the document has no description'] : []),
    ...(found.viewport.includes('width=device-width') ? [] : ['the document has no viewport of the device']),
    ...(found.isTooWide ? ['the page is wider than the phone'] : []),
  ];
}
