/** A PostgreSQL that archives its log, is destroyed, and is restored from a base backup and the archive. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { throwAwayFolder } from '../embedded-postgres.ts';
import { postgresAccount } from '../postgres/account.ts';
import { takeBaseBackup } from '../postgres/base-backup.ts';
import { postgresBinaries } from '../postgres/binaries.ts';
import { initialiseCluster } from '../postgres/initialise.ts';
import { pickPort } from '../postgres/port.ts';
import { isAlive } from '../postgres/previous-run.ts';
import { startServer, type Server } from '../postgres/server.ts';

export interface ArchivedCluster {
  readonly url: string;
  /** Base backup while the server works. */
  backUp(): Promise<void>;
  /** The server's clock, between the transactions that are over and those to come. */
  moment(): Promise<string>;
  /** Resolves when all that is committed is in the archive. */
  archived(): Promise<void>;
  /** SIGKILL to the server; its data folder is removed. */
  destroy(): Promise<void>;
  /** Starts on a fresh copy of the backup, with what is archived, up to a time or to the end; resolves when it can be written to. */
  restore(until?: string): Promise<void>;
  /** Stops, and removes all. */
  remove(): Promise<void>;
}

const PATIENCE_MS = 60_000;
const COMMON = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  max_connections: '100',
  shared_buffers: '64MB',
  wal_level: 'replica',
  // The disk of this machine is not what is tried.
  fsync: 'off',
};

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<T>(sql);
    return rows[0] as T;
  } finally {
    await client.end();
  }
}

export async function startArchivedCluster(): Promise<ArchivedCluster> {
  const account = postgresAccount();
  const binaries = postgresBinaries(account);
  const folder = throwAwayFolder(account);
  const [dataDir, backup, archive] = ['postgres', 'backup', 'archive'].map((name) => join(folder, name)) as [string, string, string]; // prettier-ignore
  mkdirSync(archive, { mode: 0o700 });
  if (account !== undefined) chownSync(archive, account.uid, account.gid);
  const password = randomBytes(24).toString('hex');
  const [user, database] = ['dr_assistant', 'dr_assistant'];
  await initialiseCluster({ binaries, account, dataDir, user, password, database, durable: false });
  const port = await pickPort();
  const url = `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const start = (settings: Readonly<Record<string, string>>): Promise<Server> =>
    startServer({
      ...{ binaries, account, dataDir, port, logFile: join(folder, 'postgres.log') },
      settings: { ...COMMON, ...settings },
    });
  let server = await start({
    archive_mode: 'on',
    // Never over a segment that is there, and never half a one.
    archive_command: `test ! -f "${archive}/%f" && cp "%p" "${archive}/%f.part" && mv "${archive}/%f.part" "${archive}/%f"`,
  });
  return {
    url,
    backUp: () => takeBaseBackup(url, { dataDir, target: backup, account }),
    moment: async () => (await query<{ now: string }>(url, 'select clock_timestamp()::text as now')).now,
    async archived() {
      const { segment } = await query<{ segment: string }>(
        url,
        'select pg_walfile_name(pg_switch_wal()) as segment',
      );
      for (const deadline = Date.now() + PATIENCE_MS; !existsSync(join(archive, segment)); await sleep(20))
        if (Date.now() > deadline) throw new Error(`${segment} is not archived`);
    },
    async destroy() {
      const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid)) await sleep(20);
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20 });
    },
    async restore(until) {
      // With owners and modes.
      execFileSync('cp', ['-a', backup, dataDir]);
      const signal = join(dataDir, 'recovery.signal');
      writeFileSync(signal, '');
      if (account !== undefined) chownSync(signal, account.uid, account.gid);
      server = await start({
        // What is restored starts a history of its own, which must not mix with the archive of the first.
        archive_mode: 'off',
        restore_command: `cp "${archive}/%f" "%p"`,
        ...(until === undefined
          ? {}
          : {
              recovery_target_time: until,
              recovery_target_action: 'promote',
              recovery_target_inclusive: 'on',
            }),
      });
    },
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}
