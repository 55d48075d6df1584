/** Builds an app with Vite when its dist/ is missing or older than one of its sources, and only then. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedEnvironment, pinnedNode, root } from '../pinned-node.ts';
import { logLine } from './log.ts';
import { StartError } from './options.ts';

const notSources = new Set(['node_modules', 'dist', 'test', 'coverage']);

/** Milliseconds since the epoch of the newest file below the folder. */
function newest(folder: string): number {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (notSources.has(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

function needsBuild(folder: string): boolean {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    scripts?: { build?: string };
  };
  if (manifest.scripts?.build === undefined) return false;
  const page = join(folder, 'dist', 'index.html');
  if (!existsSync(page)) return true;
  const lockfile = join(root, 'package-lock.json');
  // Every app is built with the shared components.
  const shared = join(root, 'smart-apps', 'ui');
  return statSync(page).mtimeMs < Math.max(newest(folder), newest(shared), statSync(lockfile).mtimeMs);
}

async function build(app: string): Promise<void> {
  logLine('build', `building smart-apps/${app}`);
  const npm = process.env['npm_execpath'];
  const [program, args] = npm === undefined ? ['npm', []] : [pinnedNode(), [npm]];
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const command = [...args, 'run', 'build', '--silent', '-w', `smart-apps/${app}`];
  execFile(program, command, { cwd: root, env: pinnedEnvironment() }, (error, stdout, stderr) => {
    if (error === null) resolve(undefined);
    else reject(new StartError(`smart-apps/${app} cannot be built:\n${stdout}\n${stderr}`));
  });
  await promise;
}

/** Builds what is out of date, one app after the other; names the apps that have a page. */
export async function buildApps(): Promise<void> {
  const apps = join(root, 'smart-apps');
  for (const entry of readdirSync(apps, { withFileTypes: true })) {
    const folder = join(apps, entry.name);
    if (entry.isDirectory() && existsSync(join(folder, 'package.json')) && needsBuild(folder))
      await build(entry.name);
  }
}
