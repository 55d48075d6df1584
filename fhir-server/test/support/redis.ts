/** A Redis of its own for a test, which can be killed and come back on the same port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pickPort } from '../../../scripts/postgres/port.ts';

export interface TestRedis {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** It takes connections and answers nothing while `work` runs. */
  whileHanging(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** @param program path of redis-server */
export async function startRedis(program: string): Promise<TestRedis> {
  const port = await pickPort();
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-redis-'));
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(program, [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      folder,
    ]);
    let output = '';
    started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    while (!output.includes('Ready to accept connections')) {
      if (started.exitCode !== null) throw new Error('redis-server did not start');
      await sleep(10);
    }
    child = started;
  };
  const kill = async (): Promise<void> => {
    if (child?.kill('SIGKILL') === true) await once(child, 'exit');
    child = undefined;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    async whileHanging(work) {
      child?.kill('SIGSTOP');
      try {
        await work();
      } finally {
        child?.kill('SIGCONT');
      }
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
