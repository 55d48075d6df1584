/** One supervisor per data folder: a second `npm start` says where the first one runs. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, isAlive } from '../postgres/previous-run.ts';
import { StartError } from './options.ts';

interface Holder {
  readonly pid: number;
  readonly baseUrl: string;
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** A killed supervisor's id may belong to another program by now. */
function holds(holder: Holder | undefined): holder is Holder {
  if (holder === undefined || holder.pid === process.pid || !isAlive(holder.pid)) return false;
  const command = commandLine(holder.pid);
  return command === '' || command.includes('start.ts');
}

export interface Lock {
  /** True when the last supervisor was killed: its processes may still be stopping. */
  readonly afterCrash: boolean;
  release(): void;
}

/** Throws StartError when another supervisor lives. */
export function takeLock(dataDir: string, baseUrl: string): Lock {
  const file = join(dataDir, 'supervisor.json');
  const afterCrash = existsSync(file);
  const content = JSON.stringify({ pid: process.pid, baseUrl });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 3) throw error;
      const holder = readHolder(file);
      if (holds(holder)) {
        throw new StartError(
          `Dr. Assistant already runs on this data folder: ${holder.baseUrl} (process ${holder.pid}). ` +
            'Stop it with Ctrl-C in its terminal, or give this one a DATA_DIR and a PORT of its own.',
        );
      }
      rmSync(file, { force: true });
    }
  }
  const release = (): void => {
    if (existsSync(file) && readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
  };
  return { afterCrash, release };
}
