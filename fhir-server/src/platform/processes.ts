/** Several copies of a server behind one port, one for each core if wanted. https://nodejs.org/api/cluster.html */
import cluster, { type Worker } from 'node:cluster';
import type { Logger } from './logger.ts';

const RESTART_DELAY_MS = 500;

/** Whether this process is to serve, and not to look after others that do. */
export const isServing = (count: number): boolean => count === 1 || cluster.isWorker;

/**
 * Starts the copies, replaces one that dies, and passes SIGTERM and SIGINT on: the process ends when all have finished. It
 * ends with 1 when a copy dies before any has ever listened.
 */
export function superviseProcesses(count: number, logger: Logger): void {
  let isStopping = false;
  let hasListened = false;
  const fork = (): void => {
    if (!isStopping) cluster.fork();
  };
  const stop = (signal: NodeJS.Signals): void => {
    isStopping = true;
    for (const worker of copies()) worker.process.kill(signal);
  };
  cluster.on('listening', () => {
    hasListened = true;
  });
  cluster.on('exit', ({ process: { pid } }, code, signal) => {
    if (!isStopping && hasListened) {
      logger.error({ pid, code, signal }, 'a copy of the api died and is replaced');
      setTimeout(fork, RESTART_DELAY_MS);
      return;
    }
    if (!isStopping) {
      process.exitCode = 1;
      stop('SIGTERM');
    }
    if (copies().length === 0) process.exit();
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  for (let i = 0; i < count; i += 1) fork();
}

const copies = (): Worker[] => Object.values(cluster.workers ?? {}).filter((w) => w !== undefined);
