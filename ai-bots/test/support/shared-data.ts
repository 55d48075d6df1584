/** Where the data beside the repository lie, and whether tests of them run. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from '@jest/globals';

const setting = process.env['DR_ASSISTANT_SHARED'];
export const sharedFolder = resolve(setting ?? join(import.meta.dirname, '../../../../shared'));

/** DR_ASSISTANT_SHARED=none declares that there is no shared data; otherwise CI must not skip. */
const runsWith = (path: string): boolean =>
  existsSync(join(sharedFolder, path)) || (process.env['CI'] === 'true' && setting !== 'none');

export const testWith = (path: string): typeof test.skip => (runsWith(path) ? test : test.skip);
export const describeWith = (path: string): typeof describe.skip =>
  runsWith(path) ? describe : describe.skip;
