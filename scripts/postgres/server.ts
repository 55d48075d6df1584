/** Runs one PostgreSQL server process, which never outlives the process that started it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnAs, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { runningPostmaster } from './previous-run.ts';

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

/**
 * The guard between us and the server: it waits for the end of its standard input, which the kernel closes when
 * we end in whatever way (kill -9 too), and then stops the server. Being a session of its own, it gets no Ctrl-C.
 */
const guard = `
exec 3<&0
trap '' HUP INT
"$@" <&- 3<&- & server=$!
( cat <&3 >/dev/null; kill -INT $server 2>/dev/null ) & watcher=$!
wait $server; code=$?
kill $watcher 2>/dev/null
if [ -n "$DELETE_AFTERWARDS" ]; then rm -rf "$DELETE_AFTERWARDS"; fi
exit $code
`;

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
  const child = spawn('sh', ['-c', guard, 'postgres-guard', ...command], {
    ...spawnAs(options.account),
    detached: true,
    stdio: ['pipe', log, log],
    env: { LC_ALL: 'C', PATH: process.env['PATH'], DELETE_AFTERWARDS: options.deleteAfterwards ?? '' },
  });
  closeSync(log);
  // Neither the child nor its pipe keeps the event loop alive: the guard notices when this process ends.
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  child.stdin?.on('error', () => undefined);
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 1));
  await untilReady(child, options);
  return {
    ended,
    async stop(): Promise<void> {
      const pid = runningPostmaster(options.dataDir);
      child.ref();
      if (pid !== undefined) process.kill(pid, 'SIGINT');
      child.stdin?.end();
      await ended;
    },
  };
}
