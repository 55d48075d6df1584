/** Style as a test: sizes, opening comments, names, and settings that are documented. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const skipped = new Set(['node_modules', 'dist', 'generated', 'coverage']);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

const files: readonly SourceFile[] = ['fhir-server', 'ai-bots', 'smart-apps', 'scripts']
  .flatMap((folder) => filesBelow(join(root, folder)))
  .filter((path) => /\.(ts|tsx|sql)$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(root, path), text, lines: text.split('\n').length };
  });

const sources = files.filter(({ path }) => !/(^|\/)test\//.test(path));

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

/** Variables of the operating system and of CI, which are not settings of ours. */
const foreign = new Set(['PATH', 'CI', 'HOME', 'npm_execpath', 'NODE_ENV', 'TMPDIR']);

/** Names read from the environment directly, and those given to a reader in the files that read the settings. */
function settingsOf({ path, text }: SourceFile): string[] {
  const direct = [...text.matchAll(/\benv(?:\['([A-Za-z][A-Za-z0-9_]*)'\]|\.([A-Z][A-Z0-9_]+)\b)/g)];
  const names = direct.map((match) => match[1] ?? match[2] ?? '');
  if (!/(^|[/-])(config|settings|options)\.ts$/.test(path)) return names;
  const read = [...text.matchAll(/\b[a-z]\w*\(\s*'([A-Z][A-Z0-9_]+)'/g)];
  return [...names, ...read.map((match) => match[1] ?? '')];
}

describe('Source files', () => {
  test('have at most 400 lines, and half of them at most 100.', () => {
    expect(files.filter(({ lines }) => lines > 401).map(({ path }) => path)).toEqual([]);
    expect(
      quantile(
        sources.map(({ lines }) => lines),
        0.5,
      ),
    ).toBeLessThanOrEqual(100);
    expect(
      quantile(
        sources.map(({ lines }) => lines),
        0.9,
      ),
    ).toBeLessThanOrEqual(250);
  });

  test('open with a comment that says what they are.', () => {
    const bare = sources.filter(({ text }) => !/^(#!.*\n)?(\/\*\*?|\/\/|--)\s*\S/.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test('have kebab-case names, or the name of their component, and none is a drawer.', () => {
    const named = files.filter(({ path }) => {
      const name = path.split('/').at(-1) ?? '';
      const wellFormed =
        /^[a-z0-9]+([-.][a-z0-9]+)*\.(ts|tsx)$|^[A-Z][A-Za-z0-9]*(\.test)?\.tsx$|^\d{4}_[a-z0-9_]+\.sql$/;
      return !wellFormed.test(name) || /(^|[/.-])(utils?|helpers?|manager|misc|common)([/.-]|$)/i.test(path);
    });
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  test('carry no note of unfinished work, no lint exception and no address of a private machine.', () => {
    const forbidden = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', 'eslint-' + 'disable', '@ts-' + 'ignore', '/work' + '/'].join('|'),
    );
    expect(files.filter(({ text }) => forbidden.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('The settings', () => {
  const page = readFileSync(join(root, 'fhir-server/docs/configuration.md'), 'utf8');
  const used = new Set(files.flatMap(settingsOf).filter((name) => !foreign.has(name)));

  test('that the code reads are all documented in docs/configuration.md.', () => {
    expect([...used].filter((name) => !page.includes(`\`${name}\``)).toSorted()).toEqual([]);
  });

  test('that docs/configuration.md lists are all read by the code.', () => {
    const listed = [...page.matchAll(/^\|\s*`([A-Z][A-Z0-9_]+)`/gm)].map((match) => match[1] ?? '');
    expect(listed.filter((name) => !used.has(name))).toEqual([]);
  });
});

describe('The lockfile', () => {
  interface Locked {
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Locked>>;
  };

  test('names the packages of every platform, without which npm ci refuses it.', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) => {
      const places = (name: string): string[] => [`${path}/node_modules/${name}`, `node_modules/${name}`];
      const names = Object.keys(optionalDependencies);
      return names.filter((name) => !places(name).some((place) => place in lock.packages));
    });
    expect(missing).toEqual([]);
  });
});
