/** What an earlier run left in a data folder: a server that still runs, or only its lock file postmaster.pid. */
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The command line of a process, '' when it is gone or hidden. */
export function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline'))
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  } catch {
    return '';
  }
}

/** A postmaster works in its data folder; a process that merely got the old id does not. */
function servesFolder(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return commandLine(pid).includes(dataDir);
  }
}

/** The id of the server that runs on the folder, if one does. */
export function runningPostmaster(dataDir: string): number | undefined {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 && servesFolder(pid, dataDir) ? pid : undefined;
}

/** Asks a server to stop (fast shutdown: open transactions roll back), then insists. Resolves when it is gone. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 2_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new Error(
        `A PostgreSQL (process ${pid}) of an earlier run belongs to another user and cannot be stopped.`,
        {
          cause: error,
        },
      );
    }
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 50) {
      if (!isAlive(pid)) return;
      await sleep(50);
    }
  }
}

/** Clears the way for a new server on the folder: stops an orphan, removes a lock file that names a stranger. */
export async function clearPreviousRun(dataDir: string): Promise<void> {
  const pid = runningPostmaster(dataDir);
  if (pid !== undefined) await stopPostmaster(pid);
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}
