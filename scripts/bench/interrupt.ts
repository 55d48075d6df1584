/** Ctrl-C in a measurement: what it started ends, and what is temporary is removed. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { existingClusterFolder } from '../embedded-postgres.ts';
import { runningPostmaster, stopPostmaster } from '../postgres/previous-run.ts';
import { stopProcesses } from './processes.ts';

const EXIT_INTERRUPTED = 130;
let ending: Promise<never> | undefined;

/** `folder` holds a cluster, or will; it is removed when it is temporary. A second signal ends the process at once. */
export function cleanUpOnInterrupt(folder: string, isTemporary: boolean): void {
  const cleanUp = async (): Promise<never> => {
    await stopProcesses();
    const data = existingClusterFolder(folder);
    const pid = data === undefined ? undefined : runningPostmaster(data);
    if (pid !== undefined) await stopPostmaster(pid);
    if (isTemporary) removeCluster(folder);
    process.exit(EXIT_INTERRUPTED);
  };
  const end = (): void => {
    if (ending) process.exit(EXIT_INTERRUPTED);
    console.error('stopping …');
    ending = cleanUp().catch((error: unknown) => {
      console.error(error);
      process.exit(EXIT_INTERRUPTED);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
}

/** To be awaited by what fails while the processes are ended: after an interrupt the process ends here. */
export async function untilInterruptEnds(): Promise<void> {
  await ending;
}

/** As root the data lie elsewhere, in a folder of their own. The server must have stopped. */
export function removeCluster(folder: string): void {
  const data = existingClusterFolder(folder);
  if (data !== undefined) rmSync(dirname(data), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
