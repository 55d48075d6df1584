/** Things a test needs beyond `npm ci`: without them it is skipped with the reason, but under CI=true it fails. */
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { test } from '@jest/globals';

export interface Requirement {
  /** What is needed and how to get it, as a sentence. */
  readonly hint: string;
  /** Where it is; undefined when it is missing. */
  readonly path: string | undefined;
  /** True when its absence is declared, so that CI skips too. */
  readonly waived?: boolean;
}

const repository = resolve(import.meta.dirname, '../../..');

function onPath(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}

/** The system's Chromium or Chrome, for playwright-core's `executablePath`; CHROMIUM_PATH names another. */
export function chromium(): Requirement {
  const path = process.env['CHROMIUM_PATH'] ?? onPath('chromium', 'chromium-browser', 'google-chrome');
  return { path, hint: 'Chromium (apt-get install chromium, or CHROMIUM_PATH)' };
}

/** A program on the PATH: `program('flite')`. */
export function program(name: string): Requirement {
  return { path: onPath(name), hint: `${name} on the PATH (apt-get install ${name})` };
}

/**
 * A file or folder of the data beside the repository (`../shared`, or DR_ASSISTANT_SHARED): `sharedData('synthea')`.
 * DR_ASSISTANT_SHARED=none declares that there is none.
 */
export function sharedData(name: string): Requirement {
  const setting = process.env['DR_ASSISTANT_SHARED'];
  const hint = `the shared data ${name} (../shared beside the repository, or DR_ASSISTANT_SHARED)`;
  if (setting === 'none') return { path: undefined, hint, waived: true };
  const path = resolve(setting ?? join(repository, '..', 'shared'), name);
  return { path: existsSync(path) ? path : undefined, hint };
}

/** Like Jest's `test`, for a test that needs all of these: `testWith(chromium())('A title.', async () => { … })`. */
export function testWith(
  ...requirements: Requirement[]
): (title: string, run: () => void | Promise<void>, timeoutMs?: number) => void {
  const missing = requirements.filter(({ path }) => path === undefined);
  if (missing.length === 0) return (title, run, timeoutMs) => test(title, run, timeoutMs);
  const reason = `needs ${missing.map(({ hint }) => hint).join(' and ')}`;
  const fails = process.env['CI'] === 'true' && !missing.every(({ waived }) => waived === true);
  return (title, run, timeoutMs) => {
    if (!fails) return test.skip(`${title} [${reason}]`, run, timeoutMs);
    return test(title, () => {
      throw new Error(`This test ${reason}, and CI must not skip it.`);
    });
  };
}
