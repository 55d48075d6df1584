/** How much script an app's first page needs: what is built, compressed as it is sent. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const apps = resolve(import.meta.dirname, '../../..');
const vite = resolve(apps, '../node_modules/vite/bin/vite.js');

/** Every app's limit (smart-apps/docs/components.md). */
export const FIRST_LOAD_BYTES_MAX = 250_000;

/** Vite's manifest (https://vite.dev/guide/backend-integration). */
type Manifest = Readonly<Record<string, { file: string; imports?: readonly string[] }>>;

/** The entry and what it imports statically, each once. */
function staticFiles(manifest: Manifest, entry: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[entry];
  if (chunk === undefined || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const imported of chunk.imports ?? []) staticFiles(manifest, imported, found);
  return found;
}

export interface FirstLoad {
  /** Gzipped. */
  readonly bytes: number;
  /** Whether a source has a file of its own that is not loaded at first. */
  readonly isLater: (source: string) => boolean;
}

/** Builds the app of the name anew. */
export async function firstLoadOf(app: string): Promise<FirstLoad> {
  const dist = mkdtempSync(join(tmpdir(), `dr-assistant-${app}-`));
  try {
    const args = [vite, 'build', '--outDir', dist, '--emptyOutDir', '--logLevel', 'error'];
    await promisify(execFile)(process.execPath, args, { cwd: join(apps, app) });
    const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Manifest;
    const files = staticFiles(manifest, 'index.html');
    const sizes = [...files].map((file) => gzipSync(readFileSync(join(dist, file))).length);
    return {
      bytes: sizes.reduce((sum, n) => sum + n, 0),
      isLater(source) {
        const file = manifest[source]?.file;
        return file?.endsWith('.js') === true && !files.has(file);
      },
    };
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
}
