/** `cli.ts binary …`: where the content of Binaries lies. */
import { openBucket } from '../bucket/index.ts';
import { createPool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import { createRegistry } from '../reindex/index.ts';
import {
  createResourceTables,
  findStrays,
  moveContent,
  openBinaries,
  writtenDigest,
} from '../storage/index.ts';

/** `binary move-to-s3`: may be broken off and run again. Ends the process with 1 where something was not moved. */
export async function moveToBucket(config: Config): Promise<void> {
  if (config.content.bucket === undefined) {
    console.error('S3_BUCKET is not set');
    process.exitCode = 1;
    return;
  }
  const bucket = await openBucket(config.content.bucket);
  const pool = createPool(config);
  const count = { moved: 0, there: 0, damaged: 0 };
  let bytes = 0;
  try {
    const moving = moveContent(openBinaries(config, undefined), bucket, (key) => writtenDigest(pool, key));
    for await (const { key, size, state } of moving) {
      count[state] += 1;
      bytes += size;
      if (state === 'damaged') console.error(`${key} is not what was written, and stays in the folder`);
      const total = count.moved + count.there;
      if (total > 0 && total % 1_000 === 0) console.log(`${total} contents, ${bytes} bytes`);
    }
    console.log(`Moved: ${count.moved}. In the bucket already: ${count.there}. Damaged: ${count.damaged}.`);
    if (count.damaged > 0) process.exitCode = 1;
  } finally {
    bucket.close();
    await pool.end();
  }
}

/** `binary strays`: keys, one on a line; with `remove` they are gone afterwards. */
export async function showStrays(config: Config, remove: boolean): Promise<void> {
  const { content } = config;
  const bucket = content.bucket && (await openBucket(content.bucket));
  const store = openBinaries(config, bucket);
  const pool = createPool(config);
  try {
    await createResourceTables(pool, createRegistry()).ensure(['Binary']);
    let count = 0;
    for await (const key of findStrays({ pool, store }, content.orphanMs)) {
      if (remove) await store.remove(key);
      console.log(key);
      count += 1;
    }
    console.log(`${remove ? 'Removed' : 'Unknown to the database'}: ${count}.`);
  } finally {
    bucket?.close();
    await pool.end();
  }
}
