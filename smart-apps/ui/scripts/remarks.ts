/** What is to be mended on a page: what takes too long, what does not hold WCAG 2.2 AA, and what a page of the web should have. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { Figures } from './figures.ts';

/** Up to these, Lighthouse calls a mobile page good; the script's size is our own limit. */
export const LIMITS: Readonly<Record<Exclude<keyof Figures, 'usableMs'>, number>> = {
  firstPaintMs: 1_800,
  largestPaintMs: 2_500,
  blockedMs: 200,
  shift: 0.1,
  scriptBytes: 250_000,
};

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

export const slowRemarks = (figures: Figures): string[] =>
  Object.entries(LIMITS).flatMap(([name, limit]) => {
    const value = figures[name as keyof typeof LIMITS];
    return value <= limit ? [] : [`${name} is ${Math.round(value * 100) / 100}, over ${limit}`];
  });

/** By axe-core, in the state in which the page is. */
export async function accessibilityRemarks(page: Page): Promise<string[]> {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // The page's policy refuses script elements; evaluated code is not the page's.
  await page.evaluate(`if (!('axe' in window)) { ${source} }`);
  const { violations } = await page.evaluate(
    (tags) =>
      (
        globalThis as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
      ).axe.run(document, { runOnly: tags }),
    TAGS,
  );
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
