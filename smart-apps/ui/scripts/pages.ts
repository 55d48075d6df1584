/** `npm run pages`: how the apps' pages do on a slow phone, with what is to be mended. Needs Chromium and a running `npm start`. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { checkPage, VISITS, type PageReport } from './check-pages.ts';
import type { DemoFile } from '../../../scripts/start/demo.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

const program =
  process.env['CHROMIUM_PATH'] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => PROGRAMS.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
const file = join(process.env['DATA_DIR'] ?? '.data', 'demo.json');

function line({ name, figures: f }: PageReport): string {
  const cells = [f.firstPaintMs, f.largestPaintMs, f.blockedMs, f.usableMs].map(
    (ms) => `${Math.round(ms)} ms`,
  );
  return [name.padEnd(16), ...[...cells, f.shift.toFixed(3), `${Math.round(f.scriptBytes / 1_000)} kB`].map((cell) => cell.padStart(10))].join(''); // prettier-ignore
}

if (program === undefined || !existsSync(file)) {
  console.error(
    program === undefined
      ? 'There is no Chromium: install it, or name it in CHROMIUM_PATH.'
      : `There is no ${file}: run npm start in another terminal first.`,
  );
  process.exitCode = 1;
} else {
  const demo = JSON.parse(readFileSync(file, 'utf8')) as DemoFile;
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
  console.log(['page'.padEnd(16), ...['first', 'largest', 'blocked', 'usable', 'shift', 'script'].map((c) => c.padStart(10))].join('')); // prettier-ignore
  for (const visit of VISITS) {
    const report = await checkPage(browser, demo, visit);
    console.log(line(report));
    for (const remark of [...report.slow, ...report.remarks]) console.log(`  ${remark}`);
    if (report.slow.length + report.remarks.length > 0) process.exitCode = 1;
  }
  await browser.close();
}
