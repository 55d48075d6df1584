/** A whole system whose parts die by SIGKILL and are started again at once: PostgreSQL, api, worker and bots. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../scripts/embedded-postgres.ts';
import { spawnGuarded } from '../../../scripts/guard.ts';
import { migrateDatabase } from '../../../scripts/migrate.ts';
import { pinnedNode, root } from '../../../scripts/pinned-node.ts';
import { pickPort } from '../../../scripts/postgres/port.ts';
import { provisionDocument } from '../../../scripts/start/demo.ts';
import { botsEnvironment, serverEnvironment } from '../../../scripts/start/environment.ts';
import type { StartOptions } from '../../../scripts/start/options.ts';
import { loadSecrets } from '../../../scripts/start/secrets.ts';
import { API_NODE_ARGS, apiRuntime, serverRuntime } from '../../../scripts/server-runtime.ts';
import { provisionAccounts, type ProvisionDocument } from '../../src/auth/index.ts';
import { balance, type Balancer } from '../support/balance.ts';

export const PARTS = ['api', 'worker', 'bots', 'postgres', 'backend'] as const;
/** `backend` is one of PostgreSQL's processes that serve a connection. */
export type Part = (typeof PARTS)[number];

export interface System {
  readonly fhirBase: string;
  /** FHIR bases of the single copies of the api, in front of which the other one is, where there are several. */
  readonly apis: readonly string[];
  readonly databaseUrl: string;
  readonly backend: { readonly clientId: string; readonly secret: string };
  kill(part: Part): void;
  /** Resolves when api and bots say that they are ready. Throws with the end of what all logged when they do not. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Faults are over within seconds, so what waits for them need not wait longer. */
const HASTE = {
  SUBSCRIPTION_RETRY_DELAY_MS: '200',
  SUBSCRIPTION_RETRY_DELAY_MAX_MS: '2000',
  SUBSCRIPTION_ATTEMPTS_MAX: '500',
  SUBSCRIPTION_LEASE_MS: '2000',
  BOT_RESUME_EVERY_MS: '2000',
  LOG_LEVEL: 'warn',
};
const READY_MS = 60_000;
const LOG_SHOWN = 6_000;

/** A process that is started again whenever it ends. */
function keepUp(args: readonly string[], env: NodeJS.ProcessEnv, log: number) {
  let stopping = false;
  const start = () => {
    const child = spawnGuarded([pinnedNode(), ...args], {
      env: { ...env, ...HASTE },
      cwd: root,
      stopSignal: 'TERM',
      output: log,
    });
    child.stdin?.on('error', () => undefined);
    child.once('exit', () => {
      if (!stopping) setTimeout(() => (current = start()), 50);
    });
    return child;
  };
  let current = start();
  return {
    // The guard leads the group.
    kill: () => process.kill(-(current.pid ?? 0), 'SIGKILL'),
    /** Ends it as a stop does; the next one starts at once. */
    async end() {
      const ended = once(current, 'exit');
      current.stdin?.end();
      await ended;
    },
    async stop() {
      stopping = true;
      if (current.exitCode !== null || current.signalCode !== null) return;
      const ended = once(current, 'exit');
      current.stdin?.end();
      await ended;
    },
  };
}

const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((m) => (m !== null && Number(m[2]) === pid ? [Number(m[1])] : []));

async function keepPostgresUp(folder: string) {
  const port = await pickPort();
  let current: EmbeddedPostgres = await startEmbeddedPostgres({ folder, port });
  const { url } = current;
  let stopping = false;
  const watch = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping) return;
      for (let started = false; !started;) {
        started = await startEmbeddedPostgres({ folder, port }).then(
          (next) => ((current = next), true),
          async () => (await sleep(100), false),
        );
      }
    }
  };
  const watching = watch();
  // None while it is down already.
  const postmaster = (): readonly number[] => {
    try {
      return [Number(readFileSync(join(current.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])];
    } catch {
      return [];
    }
  };
  const kill = (pids: readonly number[]): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  };
  return {
    url,
    dataDir: current.dataDir,
    killAll: () => kill(postmaster().flatMap((pid) => [pid, ...childrenOf(pid)])),
    killOne: () => kill(postmaster().flatMap((pid) => childrenOf(pid).slice(-1))),
    async stop() {
      stopping = true;
      await current.stop();
      await watching;
    },
  };
}

const isUp = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then((r) => r.ok, () => false); // prettier-ignore

const pickPorts = async (count: number): Promise<number[]> => {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = await pickPort();
    if (!ports.includes(port)) ports.push(port);
  }
  return ports;
};

/** One copy is met as it is: a connection to it that is refused says at once that it is not there. */
const inFrontOf = ([first = 0, ...others]: readonly number[]): Promise<Balancer> =>
  others.length > 0 ? balance([first, ...others]) : Promise.resolve({ port: first, close: () => undefined });

/** So many copies of api, worker and bots each, behind one address. */
export async function startParts({ copies = 1 } = {}): Promise<System> {
  const home = mkdtempSync(join(tmpdir(), 'dr-assistant-fault-'));
  const logFile = join(home, 'parts.log');
  const log = openSync(logFile, 'a', 0o600);
  const postgres = await keepPostgresUp(home);
  const ports = await pickPorts(2 * copies);
  const [apiPorts, botsPorts] = [ports.slice(0, copies), ports.slice(copies)];
  const [apiFront, botsFront] = await Promise.all([inFrontOf(apiPorts), inFrontOf(botsPorts)]);
  const [port, botsPort] = [apiFront.port, botsFront.port];
  const baseUrl = `http://127.0.0.1:${port}`;
  const secrets = await loadSecrets(home);
  const options = { dataDir: home, host: '127.0.0.1', port, baseUrl, botsPort, demo: true } as StartOptions;
  await migrateDatabase(postgres.url);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
  await provisionAccounts(pool, provisionDocument(options, secrets) as ProvisionDocument);
  await pool.end();
  const cacheDir = process.env['NODE_COMPILE_CACHE'] ?? join(home, 'compile-cache');
  const serverEnv = { ...serverEnvironment(options, secrets, postgres.url), ...serverRuntime(cacheDir) };
  const botsEnv = { ...botsEnvironment(options, secrets, botsPort), ...serverRuntime(cacheDir) };
  const apiEnv = { ...serverEnv, ...apiRuntime(cacheDir) };
  const publicUrl = { BOT_PUBLIC_URL: `http://127.0.0.1:${botsPort}` };
  const processes = {
    api: apiPorts.map((own) =>
      keepUp([...API_NODE_ARGS, 'fhir-server/src/api.ts'], { ...apiEnv, PORT: String(own) }, log),
    ),
    worker: apiPorts.map(() => keepUp(['fhir-server/src/worker.ts'], serverEnv, log)),
    bots: botsPorts.map((own) =>
      keepUp(['ai-bots/runtime/main.ts'], { ...botsEnv, ...publicUrl, BOT_PORT: String(own) }, log),
    ),
  };
  const tail = (): string => readFileSync(logFile, 'utf8').slice(-LOG_SHOWN);
  const ready = async (): Promise<void> => {
    const deadline = Date.now() + READY_MS;
    const urls = ports.map((own) => `http://127.0.0.1:${own}/readyz`);
    for (;;) {
      const up = await Promise.all(urls.map(isUp));
      const down = urls.filter((_, i) => up[i] !== true);
      if (down.length === 0) return;
      if (Date.now() > deadline) throw new Error(`not ready: ${down.join(', ')}\n${tail()}`);
      await sleep(50);
    }
  };
  // What was compiled is kept when a process ends by itself, and not when it is killed: each of the next ones starts faster.
  await ready();
  await Promise.all(Object.values(processes).flatMap(([one]) => (one === undefined ? [] : [one.end()])));
  return {
    fhirBase: `${baseUrl}/fhir/R4`,
    apis: apiPorts.map((own) => `http://127.0.0.1:${own}/fhir/R4`),
    databaseUrl: postgres.url,
    backend: { clientId: 'demo-backend', secret: secrets.demoBackend.secret },
    kill(part) {
      if (part === 'postgres') postgres.killAll();
      else if (part === 'backend') postgres.killOne();
      else for (const one of processes[part]) one.kill();
    },
    ready,
    async stop() {
      await Promise.all(Object.values(processes).flatMap((copiesOf) => copiesOf.map((p) => p.stop())));
      apiFront.close();
      botsFront.close();
      await postgres.stop();
      rmSync(postgres.dataDir, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
