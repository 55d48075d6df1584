/** `node scripts/release-notes.ts v1.2.3`: the part of the changelog for a tag. Refuses one that is not the version of every package, or has no dated part. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly version?: string;
  readonly workspaces?: readonly string[];
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Throws an Error that says why `tag` cannot be released from this folder. */
export function releaseNotes(folder: string, tag: string): string {
  const version = /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1];
  if (version === undefined) throw new Error(`${tag} is not a tag of a release, such as v1.2.3`);
  const folders = ['.', ...globSync([...(readManifest(folder).workspaces ?? [])], { cwd: folder })];
  for (const part of folders) {
    const found = readManifest(join(folder, part)).version;
    if (found !== version)
      throw new Error(`${join(part, 'package.json')} has version ${found}, not ${version}`);
  }
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  const parts = changelog.split(/^## /m).slice(1);
  const part = parts.find((text) => text.startsWith(`[${version}] - `));
  if (part === undefined) throw new Error(`CHANGELOG.md has no part "## [${version}] - <date>"`);
  const [heading = '', ...lines] = part.split('\n');
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading))
    throw new Error(`The date of ${version} in CHANGELOG.md is not one`);
  return `${lines.join('\n').trim()}\n`;
}

if (import.meta.main) {
  try {
    process.stdout.write(
      releaseNotes(resolve(fileURLToPath(import.meta.url), '../..'), process.argv[2] ?? ''),
    );
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
