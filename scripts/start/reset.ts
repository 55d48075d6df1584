/** `npm start -- --reset`: deletes the data folder and the embedded database, stopping a leftover server first. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { existingClusterFolder } from '../embedded-postgres.ts';
import { stagingRoot } from '../postgres/binaries.ts';
import { clearPreviousRun } from '../postgres/previous-run.ts';
import { StartError, type StartOptions } from './options.ts';

/** Throws StartError when the database is not ours to delete. */
export async function resetData(options: StartOptions): Promise<void> {
  if (options.databaseUrl !== undefined) {
    throw new StartError(
      '--reset deletes the embedded database only. Empty the one at DATABASE_URL yourself, or unset DATABASE_URL.',
    );
  }
  const cluster = existingClusterFolder(options.dataDir);
  if (cluster !== undefined) {
    await clearPreviousRun(cluster);
    const folder = cluster.startsWith(`${stagingRoot}/`) ? dirname(cluster) : cluster;
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(options.dataDir, { recursive: true, force: true });
}
