/** Runs one of our TypeScript programs to its end, with its output in the log. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pinnedNode, root } from '../pinned-node.ts';
import { logLine } from './log.ts';
import { StartError } from './options.ts';

/** Throws StartError when it ends with another code than 0. */
export async function runOnce(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(pinnedNode(), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => logLine(name, line));
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once('error', () => resolve(1));
  child.once('close', (code) => resolve(code ?? 1));
  const code = await promise;
  if (code !== 0) throw new StartError(`${args.join(' ')} failed with ${code}; the reason is above.`);
}
