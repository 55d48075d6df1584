/** Follows the instructions of a stage in a folder: the same files copied, the same commands run, without a container. */
import { execFile } from 'node:child_process';
import { chown, cp, mkdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Instruction } from 'dockerfile-ast';
import { copyOf, type CopyOf, type Stages } from './dockerfile.ts';

const run = promisify(execFile);

export interface Builder {
  readonly stages: Stages;
  /** The folder of the repository. */
  readonly context: string;
  readonly isIgnored: (path: string) => boolean;
  /** Each stage becomes a folder in it, in place of the root of a container. */
  readonly folder: string;
  /** For RUN. */
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

const built = new Map<string, Promise<string>>();

/** The folder of a stage, made when it is first asked for. Images of elsewhere are empty: their Node is that of the environment. */
export function buildStage(builder: Builder, name: string): Promise<string> {
  const key = join(builder.folder, name);
  const known = built.get(key) ?? makeStage(builder, name, key);
  built.set(key, known);
  return known;
}

async function makeStage(builder: Builder, name: string, root: string): Promise<string> {
  const stage = builder.stages.get(name);
  if (stage === undefined) throw new Error(`There is no stage ${name}.`);
  await mkdir(root, { recursive: true });
  if (builder.stages.has(stage.from)) await copyTree(await buildStage(builder, stage.from), root);
  for (const instruction of stage.instructions) await follow(builder, root, instruction);
  return root;
}

/** All our stages work in /app, as `base` says. */
const WORKDIR = '/app';

async function follow(builder: Builder, root: string, instruction: Instruction): Promise<void> {
  const workdir = join(root, WORKDIR);
  const content = instruction.getArgumentsContent() ?? '';
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      if (content !== WORKDIR) throw new Error(`WORKDIR is ${content}, and not ${WORKDIR}`);
      await mkdir(workdir, { recursive: true });
      return;
    case 'RUN':
      builder.say(`RUN ${content}`);
      await run('sh', ['-c', content], {
        cwd: workdir,
        env: builder.environment,
        maxBuffer: 64 * 1024 * 1024,
      });
      return;
    case 'COPY':
      await copyAll(builder, root, copyOf(instruction));
      return;
    default:
      // LABEL, ENV, USER, EXPOSE, HEALTHCHECK and CMD leave no file.
      return;
  }
}

async function copyAll(
  builder: Builder,
  root: string,
  { from, sources, target, owner }: CopyOf,
): Promise<void> {
  const base = from === undefined ? builder.context : await buildStage(builder, from);
  const to = join(root, resolve(WORKDIR, target));
  for (const source of sources) {
    const path = from === undefined ? join(base, source) : join(base, resolve(WORKDIR, source));
    const isFolder = (await stat(path)).isDirectory();
    // A folder's content, and not the folder, is copied; a file goes into a target that ends with a slash.
    const isInto = !isFolder && (target.endsWith('/') || sources.length > 1);
    const goal = isInto ? join(to, source.split('/').at(-1) ?? '') : to;
    await mkdir(dirname(goal), { recursive: true });
    await copyTree(path, goal, (file) => from !== undefined || !builder.isIgnored(relative(base, file)));
    if (owner !== undefined && process.getuid?.() === 0) {
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      await chown(goal, uid, gid);
    }
  }
}

const copyTree = (from: string, to: string, filter: (file: string) => boolean = () => true): Promise<void> =>
  cp(from, to, { recursive: true, verbatimSymlinks: true, filter });
