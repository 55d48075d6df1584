/** The account that runs PostgreSQL: it refuses to run as root, so root lends it an existing unprivileged one. */
import { execFileSync, spawnSync } from 'node:child_process';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that Linux and macOS systems bring along, the most fitting first. None is ever created. */
const candidates = ['postgres', '_postgres', 'nobody', 'daemon'];

function numericId(flag: '-u' | '-g', name: string): number | undefined {
  try {
    const id = Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    return Number.isInteger(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The account to change to, or undefined when the current user is not root. Throws when root has none to lend. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of candidates) {
    const uid = numericId('-u', name);
    const gid = numericId('-g', name);
    if (uid !== undefined && uid !== 0 && gid !== undefined) return { name, uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the accounts ${candidates.join(', ')} exists here. ` +
      'Run as an ordinary user, or set DATABASE_URL to a running PostgreSQL.',
  );
}

/** Options for child_process.spawn that run a program as the account; none for an ordinary user. */
export function spawnAs(account: Account | undefined): { uid?: number; gid?: number; cwd: string } {
  return account === undefined ? { cwd: '/' } : { uid: account.uid, gid: account.gid, cwd: '/' };
}

/** Whether the account gets to a folder through all of its parents, and may write there if asked. */
export function canReach(account: Account | undefined, folder: string, access: 'read' | 'write'): boolean {
  const check = access === 'write' ? 'cd "$1" && test -w .' : 'cd "$1" && test -r .';
  return spawnSync('sh', ['-c', check, 'sh', folder], { ...spawnAs(account), stdio: 'ignore' }).status === 0;
}
