/** Starts what an image would start, in the folder that stands for its file system, and asks for its health as the image does. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { allInstructions, command, properties, type Stages } from './dockerfile.ts';

const run = promisify(execFile);

export interface Image {
  readonly stages: Stages;
  readonly target: string;
  /** The folder that `buildStage` has made. */
  readonly root: string;
  /** Settings in place of those of the image, and beside them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export interface Running {
  /** Ends it as a container engine does. Throws when it does not end within 30 seconds, or not with 0. */
  stop(): Promise<void>;
}

/** With root's rights we become the account of the image, which cannot write to the folder. */
const account = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

const environmentOf = ({ stages, target, environment }: Image): NodeJS.ProcessEnv => ({
  ...properties(allInstructions(stages, target), 'ENV'),
  PATH: process.env['PATH'],
  ...environment,
});

function argumentsOf(image: Image, keyword: string): [string, ...string[]] {
  const [program, ...args] = command(allInstructions(image.stages, image.target), keyword) ?? [];
  if (program === undefined) throw new Error(`${image.target} has no ${keyword}.`);
  return [program, ...args];
}

/** Runs the image's command, or another one, to its end. Throws when it ends with another code than 0. */
export async function runImage(image: Image, instead?: readonly string[]): Promise<void> {
  const [program = 'node', ...args] = instead ?? argumentsOf(image, 'CMD');
  const options = { cwd: join(image.root, 'app'), env: environmentOf(image), ...account };
  image.log((await run(program, args, options)).stdout.trim());
}

/** Resolves when the image's HEALTHCHECK succeeds. Throws when it does not within a minute, or the process ends. */
export async function startImage(image: Image): Promise<Running> {
  const [program, ...args] = argumentsOf(image, 'CMD');
  const options = { cwd: join(image.root, 'app'), env: environmentOf(image), ...account };
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const code = await Promise.race([ended.then(([exit]) => exit), sleep(30_000, 'late', { ref: false })]);
    if (code === 'late') child.kill('SIGKILL');
    if (code !== 0)
      throw new Error(`${image.target} ended with ${code ?? 'a signal'}:\n${output.slice(-4_000)}`);
  };
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
    if (child.exitCode !== null) break;
    if (await isHealthy(image)) return { stop };
  }
  child.kill('SIGKILL');
  throw new Error(`${image.target} is not healthy after a minute:\n${output.slice(-4_000)}`);
}

/** The ports of the image may be taken here, and others stand in for them. */
async function isHealthy(image: Image): Promise<boolean> {
  const [program, ...args] = argumentsOf(image, 'HEALTHCHECK');
  const ownPort = /127\.0\.0\.1:(\d+)/;
  const ours = properties(allInstructions(image.stages, image.target), 'ENV');
  const here = args.map((arg) => {
    const port = ownPort.exec(arg)?.[1];
    const name = Object.keys(ours).find((each) => ours[each] === port);
    return name === undefined
      ? arg
      : arg.replace(ownPort, `127.0.0.1:${image.environment[name] ?? port ?? ''}`);
  });
  const options = { env: environmentOf(image), timeout: 5_000, ...account };
  return run(program, here, options).then(
    () => true,
    () => false,
  );
}
