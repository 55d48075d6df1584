/** The .tf files of `terraform/` as data, one entry a folder. Expressions are texts: `${var.name}`. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { root } from '../../../pinned-node.ts';

// Its own types bring those of browsers along, for all scripts.
const require = createRequire(import.meta.url);
const { parse } = require('@cdktn/hcl2json') as {
  parse: (filename: string, contents: string) => Promise<unknown>;
};

export type Block = Readonly<Record<string, unknown>>;

export interface Declared {
  /** `aws_s3_bucket.logs`, `data.aws_region.current`. */
  readonly address: string;
  readonly type: string;
  readonly block: Block;
  /** The file that declares it, from `terraform/` on. */
  readonly file: string;
}

export interface Configuration {
  /** The folder, from `terraform/` on: `modules/network`. */
  readonly folder: string;
  /** Its files by name, without comments. */
  readonly texts: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, Block>;
  readonly outputs: ReadonlyMap<string, Block>;
  readonly locals: ReadonlySet<string>;
  readonly calls: ReadonlyMap<string, Block>;
  readonly declared: readonly Declared[];
  readonly terraform: readonly Block[];
}

type Named = Readonly<Record<string, readonly Block[]>>;
type Labelled = Readonly<Record<string, Named>>;

interface Document {
  readonly variable?: Named;
  readonly output?: Named;
  readonly module?: Named;
  readonly resource?: Labelled;
  readonly data?: Labelled;
  readonly ephemeral?: Labelled;
  readonly locals?: readonly Block[];
  readonly terraform?: readonly Block[];
}

export const terraformFolder = join(root, 'terraform');

/** Folders with .tf files. */
export function foldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const own = entries.some(({ name }) => name.endsWith('.tf')) ? [folder] : [];
  const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  return [...own, ...inner.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}

export async function readConfigurations(): Promise<Configuration[]> {
  return Promise.all(foldersBelow(terraformFolder).map(readConfiguration));
}

async function readConfiguration(folder: string): Promise<Configuration> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tf'));
  const files = await Promise.all(
    names.map(async (name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const document = (await parse(name, text)) as Document;
      return {
        path: relative(terraformFolder, join(folder, name)),
        name,
        text: withoutComments(text),
        document,
      };
    }),
  );
  const documents = files.map(({ document }) => document);
  const merged = (kind: 'variable' | 'output' | 'module'): ReadonlyMap<string, Block> =>
    new Map(
      documents.flatMap((d) => Object.entries(d[kind] ?? {}).map(([name, [block]]) => [name, block ?? {}])),
    );
  return {
    folder: relative(terraformFolder, folder),
    texts: new Map(files.map(({ name, text }) => [name, text])),
    variables: merged('variable'),
    outputs: merged('output'),
    calls: merged('module'),
    locals: new Set(documents.flatMap(({ locals = [] }) => locals.flatMap((block) => Object.keys(block)))),
    declared: files.flatMap(({ document, path }) => declaredIn(document, path)),
    terraform: documents.flatMap(({ terraform = [] }) => terraform),
  };
}

function declaredIn(document: Document, file: string): Declared[] {
  return (['resource', 'data', 'ephemeral'] as const).flatMap((kind) =>
    Object.entries(document[kind] ?? {}).flatMap(([type, named]) =>
      Object.entries(named).map(([name, [block]]) => ({
        address: `${kind === 'resource' ? '' : `${kind}.`}${type}.${name}`,
        type,
        block: block ?? {},
        file,
      })),
    ),
  );
}

const withoutComments = (text: string): string => text.replaceAll(/^\s*(#|\/\/).*$/gm, '');

/** Blocks of one kind within another: `blocksOf(resource, 'rule')`. */
export function blocksOf(block: Block | undefined, name: string): readonly Block[] {
  const inner = block?.[name];
  return Array.isArray(inner) ? (inner as readonly Block[]) : [];
}

/** All values of arguments with this name, however deep. */
export function valuesOf(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap((item) => valuesOf(item, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Block).flatMap(([key, inner]) =>
    key === name ? [inner, ...valuesOf(inner, name)] : valuesOf(inner, name),
  );
}
