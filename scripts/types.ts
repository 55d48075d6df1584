/** `npm run types`: tsc over the root's scripts and each workspace, two at a time. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinnedNode, root } from './pinned-node.ts';

const run = promisify(execFile);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
const waiting = ['.', ...manifest.workspaces];
let failures = 0;

async function checkWaiting(): Promise<void> {
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
    try {
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      await run(pinnedNode(), [tsc, '--noEmit', '--pretty', 'false', '-p', project], { cwd: root });
      console.log(`types: ${project} is sound`);
    } catch (error) {
      failures += 1;
      console.log(`types: ${project} has errors\n${(error as { stdout?: string }).stdout ?? String(error)}`);
    }
  }
}

await Promise.all([checkWaiting(), checkWaiting()]);
process.exitCode = failures === 0 ? 0 : 1;
