/** A PostgreSQL with a streaming replica: two servers, the second made from a base backup of the first. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startThrowAwayPostgres } from '../../../scripts/embedded-postgres.ts';
import { postgresAccount } from '../../../scripts/postgres/account.ts';
import { postgresBinaries } from '../../../scripts/postgres/binaries.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { type Server, startServer } from '../../../scripts/postgres/server.ts';

export interface ReplicatedPostgres {
  readonly primaryUrl: string;
  /** The same database on the replica. */
  replicaOf(databaseUrl: string): string;
  /** On the replica, in the database `postgres`. */
  onReplica(sql: string): Promise<pg.QueryResult>;
  /** Resolves when the replica has replayed all that the primary has on disk now. */
  caughtUp(): Promise<void>;
  /** Commits are replayed so much later than they were made. */
  delay(ms: number): Promise<void>;
  /** SIGKILL to the postmaster of the replica and all that it started. */
  killReplica(): void;
  startReplica(): Promise<void>;
  stop(): Promise<void>;
}

/** Both take the same, so that the replica does not refuse what the primary is set to. */
const SETTINGS = {
  wal_level: 'replica',
  max_wal_senders: '4',
  max_connections: '200',
  shared_buffers: '32MB',
  // What is acknowledged is on disk, as in production; the disk itself need not hear of it.
  synchronous_commit: 'local',
  wal_receiver_status_interval: '100ms',
};
const PATIENCE_MS = 30_000;

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

const elsewhere = (url: string, change: Partial<Pick<URL, 'port' | 'pathname'>>): string =>
  Object.assign(new URL(url), change).href;

/** https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP: there is no pg_basebackup among the embedded programs. */
async function backUp(primary: EmbeddedPostgres, target: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  try {
    await client.query("select pg_backup_start('replica', fast => true)");
    execFileSync('cp', ['-a', primary.dataDir, target]);
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    writeFileSync(join(target, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  for (const left of ['postmaster.pid', 'postmaster.opts']) rmSync(join(target, left), { force: true });
  const { port, username, password } = new URL(primary.url);
  appendFileSync(
    join(target, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${password}'\n`,
  );
  writeFileSync(join(target, 'standby.signal'), '');
  const account = postgresAccount();
  if (account === undefined) return;
  execFileSync('chown', [
    `${account.uid}:${account.gid}`,
    ...['backup_label', 'standby.signal', 'postgresql.auto.conf'].map((name) => join(target, name)),
  ]);
}

export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const account = postgresAccount();
  const primary = await startThrowAwayPostgres(SETTINGS);
  const dataDir = join(dirname(primary.dataDir), 'replica');
  await backUp(primary, dataDir);
  const port = await pickPort();
  const replicaOf = (url: string): string => elsewhere(url, { port: String(port) });
  const replicaUrl = elsewhere(replicaOf(primary.url), { pathname: '/postgres' });
  const start = (): Promise<Server> =>
    startServer({
      binaries: postgresBinaries(account),
      account,
      dataDir,
      port,
      logFile: join(dirname(primary.dataDir), 'replica.log'),
      settings: {
        ...SETTINGS,
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        fsync: 'off',
        hot_standby: 'on',
      },
    });
  let replica = await start();
  const onReplica = (sql: string) => query(replicaUrl, sql);
  return {
    primaryUrl: primary.url,
    replicaOf,
    onReplica,
    async caughtUp() {
      const { rows } = await query(primary.url, 'select pg_current_wal_flush_lsn()::text as position');
      const { position } = rows[0] as { position: string };
      for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
        const answer = await onReplica(`select pg_last_wal_replay_lsn() >= '${position}' as there`);
        if ((answer.rows[0] as { there: boolean }).there) return;
        if (Date.now() > deadline) throw new Error('the replica does not catch up');
      }
    },
    async delay(ms) {
      await onReplica(`alter system set recovery_min_apply_delay = '${ms}ms'`);
      await onReplica('select pg_reload_conf()');
    },
    killReplica() {
      const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
      const children = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .flatMap(([child = 0, of]) => (of === pid ? [child] : []));
      for (const one of [pid, ...children]) process.kill(one, 'SIGKILL');
    },
    async startReplica() {
      await replica.ended;
      rmSync(join(dataDir, 'postmaster.pid'), { force: true });
      replica = await start();
    },
    async stop() {
      await replica.stop();
      await primary.stop();
    },
  };
}
