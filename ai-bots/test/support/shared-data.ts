/** Where the data beside the repository lie, and whether a test of them runs. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from '@jest/globals';

const setting = process.env['DR_ASSISTANT_SHARED'];
export const sharedFolder = resolve(setting ?? join(import.meta.dirname, '../../../../shared'));

/** DR_ASSISTANT_SHARED=none declares that there is no shared data; otherwise CI must not skip. */
export const testWith = (path: string): typeof test.skip =>
  existsSync(join(sharedFolder, path)) || (process.env['CI'] === 'true' && setting !== 'none')
    ? test
    : test.skip;
