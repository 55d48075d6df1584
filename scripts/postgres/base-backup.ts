/** A base backup by PostgreSQL's low-level interface, for which it needs none of its other programs. https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP */
import { chown, copyFile, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Account } from './account.ts';

/** Of the running server, or of its start: the archive has what they would add. */
const LEFT_OUT = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans', 'postmaster.pid', 'postmaster.opts']); // prettier-ignore

/** As `rsync` would: what vanishes meanwhile was not needed, since the log tells of it. */
async function copyFolder(from: string, to: string, account: Account | undefined): Promise<void> {
  const own = async (path: string): Promise<void> => {
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  await mkdir(to, { recursive: true, mode: 0o700 });
  await own(to);
  for (const { name, ...entry } of await readFolder(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (entry.isFolder) {
      await copyFolder(source, target, account);
      continue;
    }
    try {
      await copyFile(source, target);
      await own(target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function readFolder(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Copies the cluster of a server that goes on working. It resolves when the log that the copy needs is archived, where there
 * is an archive; without one the copy cannot be started. `target` must not exist. Tablespaces are not copied.
 */
export async function takeBaseBackup(
  url: string,
  { dataDir, target, account }: { dataDir: string; target: string; account: Account | undefined },
): Promise<void> {
  // The backup is over when its connection is.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_backup_start('base backup', fast => true)");
    await mkdir(target, { mode: 0o700 });
    if (account !== undefined) await chown(target, account.uid, account.gid);
    for (const { name, isFolder } of await readFolder(dataDir)) {
      const [source, copy] = [join(dataDir, name), join(target, name)];
      if (isFolder && LEFT_OUT.has(name)) await copySkeleton(source, copy, account);
      else if (isFolder) await copyFolder(source, copy, account);
      else if (!LEFT_OUT.has(name)) {
        await copyFile(source, copy);
        if (account !== undefined) await chown(copy, account.uid, account.gid);
      }
    }
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(wait_for_archive => true)',
    );
    const label = join(target, 'backup_label');
    await writeFile(label, rows[0]?.labelfile ?? '', { mode: 0o600 });
    if (account !== undefined) await chown(label, account.uid, account.gid);
  } finally {
    await client.end();
  }
}

/** The folder and those in it, without files. */
async function copySkeleton(from: string, to: string, account: Account | undefined): Promise<void> {
  if (!(await stat(from)).isDirectory()) return;
  await mkdir(to, { mode: 0o700 });
  if (account !== undefined) await chown(to, account.uid, account.gid);
  for (const { name, isFolder } of await readFolder(from))
    if (isFolder) await copySkeleton(join(from, name), join(to, name), account);
}
