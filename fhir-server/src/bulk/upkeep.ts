/** Removes exports whose time is over, and files that no export has. */
import type { Pool } from '../db/index.ts';
import type { ExportFolder } from './export-folder.ts';
import { knownJobs, purgeJobs } from './job-store.ts';

/** How many exports had expired. */
export async function removeExpired(pool: Pool, folder: ExportFolder, expiryMs: number): Promise<number> {
  const expired = await purgeJobs(pool, expiryMs);
  // Listed before the jobs are: a job that begins meanwhile is known when its folder is looked for.
  const folders = await folder.list();
  const known = await knownJobs(pool);
  for (const id of folders) if (!known.has(id)) await folder.remove(id);
  return expired.length;
}
