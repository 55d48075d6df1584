/** How much script an app's first page needs: what is built, compressed as it is sent. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';

const LIMIT_BYTES = 250_000;
const apps = resolve(import.meta.dirname, '../../..');
const vite = resolve(apps, '../node_modules/vite/bin/vite.js');

/** Vite's manifest (https://vite.dev/guide/backend-integration). */
type Manifest = Readonly<Record<string, { file: string; imports?: readonly string[] }>>;

/** The entry and what it imports statically, each once. */
function firstLoad(manifest: Manifest, entry: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[entry];
  if (chunk === undefined || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const imported of chunk.imports ?? []) firstLoad(manifest, imported, found);
  return found;
}

/** Builds the app in a folder of its own, and fails when its entry is too large or has one of the pages in it. */
export async function expectSmallFirstLoad(app: string, pages: readonly string[]): Promise<void> {
  const dist = mkdtempSync(join(tmpdir(), `dr-assistant-${app}-`));
  try {
    const args = [vite, 'build', '--outDir', dist, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, args, { cwd: join(apps, app) });
    const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Manifest;
    const files = firstLoad(manifest, 'index.html');
    const bytes = [...files].map((file) => gzipSync(readFileSync(join(dist, file))).length);
    expect(bytes.reduce((sum, n) => sum + n, 0)).toBeLessThan(LIMIT_BYTES);
    for (const page of pages) {
      const { file } = manifest[`app/pages/${page}.tsx`] ?? { file: '' };
      expect(file).toMatch(/\.js$/);
      expect(files).not.toContain(file);
    }
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
}
