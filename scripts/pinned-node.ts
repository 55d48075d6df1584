/** The Node that package.json pins, whatever Node called npm. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root of the repository. */
export const root = dirname(import.meta.dirname);

/** Path of the pinned node program; the running one when npm left the package `node` out. */
export function pinnedNode(): string {
  const program = join(
    root,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  return existsSync(program) ? program : process.execPath;
}

/** Throws when this process runs on a Node that is too old for the servers. */
export function checkNodeVersion(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return;
  throw new Error(
    `Dr. Assistant needs Node 24 or newer, and this is ${process.version}. ` +
      'npm ci installs the right one; start through npm (npm start), which uses it.',
  );
}

/** Compiled modules, so that each process starts in three quarters of the time; where it cannot be written, Node does without. */
const compileCache = join(root, 'node_modules', '.cache', 'node');

/** The environment with the pinned Node first on the PATH, for programs that start `node` themselves. */
export function pinnedEnvironment(): NodeJS.ProcessEnv {
  return {
    NODE_COMPILE_CACHE: compileCache,
    ...process.env,
    PATH: `${dirname(pinnedNode())}:${process.env['PATH'] ?? ''}`,
  };
}
