/** `cli.ts keys rotate [--now]`: another key signs id tokens. */
import { rotateSigningKey } from '../auth/index.ts';
import { createPool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';

/** `now`: without the time in which clients learn of it, for a key that may have become known. */
export async function rotateKeys(config: Config, isNow: boolean): Promise<void> {
  const pool = createPool(config);
  const seconds = isNow ? 0 : config.signingKey.aheadSeconds;
  try {
    const kid = await rotateSigningKey(pool, seconds);
    console.log(`Key ${kid} is published and signs ${isNow ? 'from now on' : `in ${seconds} seconds`}.`);
  } finally {
    await pool.end();
  }
}
