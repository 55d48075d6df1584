/** An app built with a catalog in which every string is bracketed, and what on a page is in no brackets. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';

const apps = resolve(import.meta.dirname, '../../..');
const vite = resolve(apps, '../node_modules/vite/bin/vite.js');

/** `Sign note` → `⟦Sign note⟧`; what stands in braces is filled in and stays. */
const bracketed = (catalog: unknown): unknown =>
  typeof catalog === 'string'
    ? `⟦${catalog}⟧`
    : Object.fromEntries(Object.entries(catalog as object).map(([key, value]) => [key, bracketed(value)]));

/** Every text of the catalog, as JavaScript would write it into a bundle. */
const textsOf = (catalog: unknown): string[] =>
  typeof catalog === 'string' ? [catalog] : Object.values(catalog as object).flatMap(textsOf);

/**
 * Makes `appsDir` a folder for the server's APPS_DIR: all apps as they are, and this one with the catalogs of the app and of the components in brackets. The catalogs in the
 * sources stay as they are: Vite gets others by a configuration of its own. Throws when a catalog was not found.
 */
export async function buildPseudoApp(app: string, appsDir: string): Promise<void> {
  for (const { name } of readdirSync(apps, { withFileTypes: true }).filter((e) => e.isDirectory())) {
    mkdirSync(join(appsDir, name));
    if (name !== app) symlinkSync(join(apps, name, 'dist'), join(appsDir, name, 'dist'));
  }
  const outDir = join(appsDir, app, 'dist');
  const folder = join(apps, app);
  const catalogs = [join(folder, 'app/locale/en.json'), join(apps, 'ui/locale/en.json')];
  const aliases = catalogs.map((file) => {
    const pseudo = bracketed(JSON.parse(readFileSync(file, 'utf8')));
    return [file, JSON.stringify(pseudo)];
  });
  const config = join(appsDir, 'pseudo.config.mjs');
  writeFileSync(
    config,
    `import base from ${JSON.stringify(join(folder, 'vite.config.ts'))};
const catalogs = new Map(${JSON.stringify(aliases)});
const pseudo = { name: 'pseudo-locale', enforce: 'pre', load: (id) => catalogs.get(id.split('?')[0]) };
export default (env) => { const config = base(env); return { ...config, plugins: [pseudo, ...config.plugins] }; };
`,
  );
  const args = [
    vite,
    'build',
    '--config',
    config,
    '--configLoader',
    'native',
    '--outDir',
    outDir,
    '--logLevel',
    'error',
  ];
  await promisify(execFile)(process.execPath, args, { cwd: folder });
  const built = readdirSync(join(outDir, 'assets')).map((f) =>
    readFileSync(join(outDir, 'assets', f), 'utf8'),
  );
  for (const file of catalogs) {
    const sample = textsOf(JSON.parse(readFileSync(file, 'utf8'))).find((text) =>
      /^[A-Za-z ]{8,}$/.test(text),
    );
    if (!built.some((text) => text.includes(`⟦${sample ?? ''}⟧`)))
      throw new Error(`${file} is not in the build`);
  }
}

/** Every text that a person can see or hear: text nodes, names, hints, the title. */
const readable = (): string[] => {
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node.parentElement?.closest('script, style, [aria-hidden="true"]') === null)
      texts.push(node.textContent ?? '');
  for (const element of document.querySelectorAll('*'))
    for (const name of ['aria-label', 'aria-description', 'aria-valuetext', 'alt', 'placeholder', 'title'])
      texts.push(element.getAttribute(name) ?? '');
  return texts.map((text) => text.trim()).filter((text) => text !== '');
};

/** Without what stands in brackets, inner ones first. */
function outsideBrackets(text: string): string {
  const without = text.replace(/⟦[^⟦⟧]*⟧/g, '');
  return without === text ? text.trim() : outsideBrackets(without);
}

/** "Mar 1, 2024, 9:30 PM" comes from Intl. */
const DATES = /\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}(,\s\d{1,2}:\d\d\s[AP]M)?/g;

/**
 * Texts with letters in no brackets that do not come from the server's data, as `isData` tells.
 * @param settled waits until all is known that the server had sent when the texts stood there
 */
export async function textsOutsideCatalog(
  page: Page,
  isData: (text: string) => boolean,
  settled: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const all = await page.evaluate(readable);
  await settled();
  if (!all.some((text) => text.includes('⟦'))) throw new Error('This page was not built with brackets.');
  const outside = all.map((text) => outsideBrackets(text).replace(DATES, '').trim());
  return [...new Set(outside.filter((text) => /\p{L}{2}/u.test(text) && !isData(text)))];
}
