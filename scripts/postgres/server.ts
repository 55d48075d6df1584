/** Runs one PostgreSQL server process, which never outlives the process that started it. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { letGo, spawnGuarded } from '../guard.ts';
import { spawnAs, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';

export interface ServerOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
  /** A folder to delete once the server has stopped, for throw-away clusters. */
  readonly deleteAfterwards?: string;
}

export interface Server {
  /** Resolves with the exit code when the server has ended, for whatever reason. */
  readonly ended: Promise<number>;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}

function tail(logFile: string): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-12).join('\n') : '';
}

/** Line 8 of postmaster.pid says `ready` once connections are taken; pg_ctl waits for the same. */
function isReady(dataDir: string): boolean {
  try {
    return readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

async function untilReady(child: ChildProcess, options: ServerOptions): Promise<void> {
  // Crash recovery after kill -9 replays the log first, which can take a while on a slow disk.
  const deadline = Date.now() + 120_000;
  while (!isReady(options.dataDir)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL did not start (data in ${options.dataDir}):\n${tail(options.logFile)}`);
    }
    if (Date.now() > deadline) throw new Error(`PostgreSQL is not ready after 120 s; see ${options.logFile}`);
    await sleep(20);
  }
}

/** Starts the server and resolves when it takes connections. Throws with the end of its log when it does not. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [options.binaries.postgres, '-D', options.dataDir, '-p', String(options.port), ...settings];
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawnGuarded(command, {
    ...spawnAs(options.account),
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    stopSignal: 'INT',
    output: log,
    ...(options.deleteAfterwards === undefined ? {} : { deleteAfterwards: options.deleteAfterwards }),
  });
  closeSync(log);
  letGo(child);
  child.stdin?.on('error', () => undefined);
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 1));
  await untilReady(child, options);
  return {
    ended,
    async stop(): Promise<void> {
      child.ref();
      child.stdin?.end();
      await ended;
    },
  };
}
