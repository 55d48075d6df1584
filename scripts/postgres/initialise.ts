/** Creates a database cluster with initdb, once; an interrupted initdb leaves nothing that looks finished. */
import { execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { spawnAs, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';

const run = promisify(execFile);

export interface InitialiseOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly dataDir: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** False for throw-away clusters: initdb then does not wait for the disk. */
  readonly durable: boolean;
}

/** Throws when the folder holds data of another major version, which PostgreSQL cannot open. */
function checkVersion(dataDir: string, binaries: Binaries): void {
  const found = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim();
  const wanted = binaries.version.split('.')[0] ?? '';
  if (found !== wanted) {
    throw new Error(
      `${dataDir} holds data of PostgreSQL ${found}, but the embedded one is ${wanted}. ` +
        'Dump it with the old version first, or start over with: npm start -- --reset',
    );
  }
}

/** Runs one statement in single-user mode, before any server listens. */
function runSingleUser(options: InitialiseOptions, folder: string, sql: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const args = ['--single', '-D', folder, '-c', 'fsync=off', 'postgres'];
  const child = spawn(options.binaries.postgres, args, {
    ...spawnAs(options.account),
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { LC_ALL: 'C' },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0 && !/ERROR|FATAL|PANIC/.test(log)) resolve(undefined);
    else reject(new Error(`creating the database failed:\n${log}`));
  });
  child.stdin.end(`${sql}\n`);
  return promise;
}

/** Makes `dataDir` a cluster with the given superuser and database, unless it is one. Takes one to three seconds. */
export async function initialiseCluster(options: InitialiseOptions): Promise<void> {
  const { account, dataDir, binaries } = options;
  if (existsSync(join(dataDir, 'PG_VERSION'))) {
    checkVersion(dataDir, binaries);
    return;
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  const folder = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(folder, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  try {
    if (account !== undefined) {
      chownSync(folder, account.uid, account.gid);
      chownSync(passwordFile, account.uid, account.gid);
    }
    // The built-in C.UTF-8 sorts by code point and folds the case of every letter, on any machine the same.
    const locale = ['--locale=C', '--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--auth=scram-sha-256', `--username=${options.user}`, `--pwfile=${passwordFile}`];
    const sync = options.durable ? [] : ['--no-sync'];
    await run(binaries.initdb, [`--pgdata=${folder}`, ...locale, ...access, ...sync], {
      ...spawnAs(account),
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    });
    await runSingleUser(options, folder, `create database "${options.database}"`);
    renameSync(folder, dataDir);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`PostgreSQL could not be initialised in ${dataDir}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
