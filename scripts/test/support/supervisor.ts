/** The supervisor of `npm start` and the processes below it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../../fhir-server/test/support/child-environment.ts';
import { pinnedNode, root } from '../../pinned-node.ts';

const STARTED = 'Ctrl-C stops everything';

/** Resolves when all is up. Throws with the end of what it said when that does not happen. */
export async function startSupervisor(env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const supervisor = spawn(pinnedNode(), ['scripts/start.ts'], {
    cwd: root,
    env: { ...childEnvironment, HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [supervisor.stdout, supervisor.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  // The first start may have to build the apps.
  const deadline = Date.now() + 240_000;
  while (!output.includes(STARTED)) {
    if (supervisor.exitCode !== null || Date.now() > deadline)
      throw new Error(`the system did not start:\n${output.slice(-4_000)}`);
    await sleep(100);
  }
  return supervisor;
}

export async function stopSupervisor(supervisor: ChildProcess): Promise<void> {
  const ended = once(supervisor, 'exit');
  supervisor.kill('SIGTERM');
  await ended;
}

/** Processes of this supervisor and below whose command line has the name. */
export function processIds(supervisor: ChildProcess, name: string): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((m) => (m ? [{ pid: Number(m[1]), parent: Number(m[2]), args: m[3] ?? '' }] : []));
  const below = new Set([supervisor.pid ?? 0]);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const row of rows) if (below.has(row.parent)) below.add(row.pid);
  }
  return rows
    .filter((r) => below.has(r.pid) && r.args.includes(name) && !r.args.startsWith('sh '))
    .map((r) => r.pid);
}
