/** `npm run types`: tsc over the servers and scripts, and beside it over the apps. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinnedNode, root } from './pinned-node.ts';

const run = promisify(execFile);
/** Programs for Node, and those for browsers. One program for several workspaces reads what they share once. */
const projects = ['.', 'smart-apps'];
let failures = 0;

async function check(project: string): Promise<void> {
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await run(pinnedNode(), [tsc, '--noEmit', '--pretty', 'false', '-p', project], { cwd: root });
    console.log(`types: ${project} is sound`);
  } catch (error) {
    failures += 1;
    console.log(`types: ${project} has errors\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}

await Promise.all(projects.map(check));
process.exitCode = failures === 0 ? 0 : 1;
