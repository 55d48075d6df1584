/** The processes of a measurement: PostgreSQL, the api, the load generator; what each costs in time and memory. */
import { fork, spawn, type ChildProcess, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode, root } from '../pinned-node.ts';
import type { LoadJob, LoadResult } from './load.ts';

export interface RunningProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();

/** Ends all that run. */
export async function stopProcesses(): Promise<void> {
  await Promise.all([...children].map(end));
}

function track(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Resolves when `readyUrl` answers 200; the time that this took is the cold start. */
export async function startProcess(
  [script = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  readyUrl: string,
  nodeOptions: readonly string[] = [],
): Promise<RunningProcess & { readonly startMs: number }> {
  const begin = performance.now();
  const child = track(
    spawn(pinnedNode(), [...nodeOptions, join(root, script), ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
  for (;;) {
    if (hasEnded(child)) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`);
    const isReady = await fetch(readyUrl).then((r) => r.ok, () => false); // prettier-ignore
    if (isReady) break;
    await sleep(10);
  }
  return { pid: child.pid!, startMs: performance.now() - begin, stop: () => end(child) };
}

export interface AnsweringProcess<Question, Answer> extends RunningProcess {
  /** One question at a time. */
  readonly ask: (question: Question) => Promise<Answer>;
}

/** A script that answers each message of its parent with one. */
export function startAnswering<Question extends Serializable, Answer>(
  script: string,
): AnsweringProcess<Question, Answer> {
  const child = track(fork(join(root, script), { execPath: pinnedNode() }));
  return {
    pid: child.pid!,
    async ask(question) {
      child.send(question);
      const ended = new AbortController();
      const onExit = (): void => ended.abort(new Error(`${script} has ended`));
      child.once('exit', onExit);
      const [answer] = (await once(child, 'message', { signal: ended.signal })) as [Answer];
      child.off('exit', onExit);
      return answer;
    },
    stop: () => end(child),
  };
}

export interface LoadGenerator extends RunningProcess {
  run(job: LoadJob): Promise<LoadResult>;
}

export function startLoadGenerator(): LoadGenerator {
  const child = startAnswering<Serializable, LoadResult | { failed: string }>('scripts/bench/load.ts');
  return {
    pid: child.pid,
    async run(job) {
      const answer = await child.ask(job);
      if ('failed' in answer) throw new Error(answer.failed);
      return answer;
    },
    stop: () => child.stop(),
  };
}

const TICKS_PER_SECOND = 100;

function statOf(pid: number): { parent: number; cpuSeconds: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
    return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** CPU seconds of a process and all of its children so far; undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  const own = statOf(pid)?.cpuSeconds ?? 0;
  const others = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = others.filter((other) => statOf(other)?.parent === pid);
  return own + children.reduce((sum, child) => sum + (cpuSeconds(child) ?? 0), 0);
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number | undefined {
  try {
    const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Number(found[1]) * 1_024 : undefined;
  } catch {
    return undefined;
  }
}
