/** The api or the worker as a process of its own, which gets signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pinnedNode, root as ownRoot } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { provisionAccounts } from '../../src/auth/index.ts';
import { childEnvironment } from '../support/child-environment.ts';

const READY_MS = 150_000;
export const CLIENT = { clientId: 'lifecycle', secret: 'secret-of-the-lifecycle-client' };

export interface ServerProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** What it has logged. */
  log(): string;
  /** Resolves with the exit code, null after a signal that it did not take. */
  readonly ended: Promise<number | null>;
  /** Resolves when it can serve; throws with its log when it ends instead. */
  ready(): Promise<void>;
  /** Ends it if it runs. */
  stop(): Promise<void>;
}

export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  { entry = 'api.ts', root = ownRoot }: { readonly entry?: string; readonly root?: string } = {},
): Promise<ServerProcess> {
  const port = await pickPort();
  const child = spawn(pinnedNode(), [join(root, 'fhir-server/src', entry)], {
    cwd: root,
    env: {
      ...childEnvironment,
      PORT: String(port),
      WORKER_PORT: String(port),
      COOKIE_SECRET: 'a secret that is long enough for tests',
      LOG_LEVEL: 'info',
      // The tests keep the machine busy.
      OVERLOAD_LOOP_DELAY_MS: '0',
      OVERLOAD_DATABASE_DELAY_MS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    port,
    child,
    log: () => log,
    ended,
    async ready() {
      for (const deadline = Date.now() + READY_MS; ; await sleep(25)) {
        if (hasEnded() || Date.now() > deadline) throw new Error(`not ready:\n${log.slice(-4_000)}`);
        if (await isReady(port)) return;
      }
    },
    async stop() {
      if (!hasEnded()) child.kill('SIGKILL');
      await ended;
    },
  };
}

export const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** A client with all rights of the database. */
export async function provisionClient(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    await provisionAccounts(pool, {
      users: [],
      clients: [{ ...CLIENT, name: 'Lifecycle', scope: 'system/*.cruds' }],
    });
  } finally {
    await pool.end();
  }
}

export async function requestToken(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/oauth2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${CLIENT.clientId}:${CLIENT.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
