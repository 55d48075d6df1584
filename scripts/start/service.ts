/** Keeps one of our processes running: log lines out, restart with backoff after a crash, graceful stop. */
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnGuarded } from '../guard.ts';
import { pinnedNode, root } from '../pinned-node.ts';
import { logLine } from './log.ts';

export interface Service {
  /** Resolves with the exit code of the first run, if that run ever ends. */
  readonly firstExit: Promise<number>;
  /** Asks it to finish its work; after 25 s it is killed. */
  stop(): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** A run of this length counts as healthy and resets the delay. */
const healthyAfterMs = 60_000;
const stopPatienceMs = 25_000;

function forwardLines(name: string, child: ChildProcess): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '') logLine(name, line);
    });
  }
}

function untilExit(child: ChildProcess): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 1));
  return promise;
}

async function stopChild(child: ChildProcess, exited: Promise<number>): Promise<void> {
  child.stdin?.end();
  const abort = new AbortController();
  const patience = sleep(stopPatienceMs, 'late', { signal: abort.signal }).catch(() => 'aborted');
  if ((await Promise.race([exited, patience])) === 'late' && child.pid !== undefined)
    process.kill(-child.pid, 'SIGKILL');
  abort.abort();
  await exited;
}

/** Starts `node <args>` from the root and keeps it up until stopped. */
export function superviseService(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Service {
  const stopping = new AbortController();
  const { promise: firstExit, resolve: onFirstExit } = Promise.withResolvers<number>();
  let current: { child: ChildProcess; exited: Promise<number> } | undefined;

  const keepUp = async (): Promise<void> => {
    for (let delayMs = firstDelayMs; !stopping.signal.aborted;) {
      const startedAt = Date.now();
      const child = spawnGuarded([pinnedNode(), ...args], {
        env,
        cwd: root,
        stopSignal: 'TERM',
        output: 'pipe',
      });
      child.stdin?.on('error', () => undefined);
      forwardLines(name, child);
      current = { child, exited: untilExit(child) };
      const code = await current.exited;
      onFirstExit(code);
      if (stopping.signal.aborted) return;
      if (Date.now() - startedAt > healthyAfterMs) delayMs = firstDelayMs;
      logLine(
        'start',
        JSON.stringify({
          level: 40,
          time: Date.now(),
          msg: `${name} ended with ${code}, restarting in ${delayMs} ms`,
        }),
      );
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    }
  };
  const finished = keepUp();

  return {
    firstExit,
    async stop(): Promise<void> {
      stopping.abort();
      if (current !== undefined) await stopChild(current.child, current.exited);
      await finished;
    },
  };
}
