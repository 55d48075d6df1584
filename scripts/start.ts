/** `npm start`: database, migrations, apps, api, worker, bots and demo data under one supervisor and one Ctrl-C. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkNodeVersion } from './pinned-node.ts';
import { isPortFree, pickPort } from './postgres/port.ts';
import { seed, seedHistories, seedRecordings } from './seed.ts';
import { API_NODE_ARGS, apiRuntime, serverRuntime } from './server-runtime.ts';
import { buildApps } from './start/apps.ts';
import { banner } from './start/banner.ts';
import { openDatabase, type Database } from './start/database.ts';
import { demoFile, provisionDocument, writeDemoFile, type DemoFile } from './start/demo.ts';
import { botsEnvironment, serverEnvironment } from './start/environment.ts';
import { takeLock } from './start/lock.ts';
import { logLine } from './start/log.ts';
import { readOptions, StartError, usage, type StartOptions } from './start/options.ts';
import { resetData } from './start/reset.ts';
import { runOnce } from './start/run-once.ts';
import { untilReady } from './start/ready.ts';
import { loadSecrets, writePrivate, type Secrets } from './start/secrets.ts';
import { superviseService, type Service } from './start/service.ts';

/** What is running, in the order of its start; stopped in the reverse order. */
const running: { name: string; stop: () => Promise<void> }[] = [];
let stopping = false;

async function stopAll(exitCode: number): Promise<never> {
  stopping = true;
  for (let part = running.pop(); part !== undefined; part = running.pop()) {
    logLine('start', `stopping ${part.name}`);
    await part.stop().catch((error: unknown) => logLine('start', String(error)));
  }
  process.exit(exitCode);
}

function onSignal(signal: NodeJS.Signals): void {
  if (stopping) return;
  logLine('start', `${signal}: stopping`);
  void stopAll(0);
}

/** Bots from elsewhere, and those that wait for a client, hold no start up. */
const BOT_AWAITED = 'visit-scribe';

/** After a crash the old api may need a moment to give the port back. */
async function checkPort(options: StartOptions, patienceMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += 100) {
    if (await isPortFree(options.port, options.host)) return;
    if (patienceMs > 0) await sleep(100);
  }
  throw new StartError(
    `Port ${options.port} is in use by another program. Choose another one with PORT, for example:\n` +
      `  PORT=${options.port + 100} npm start`,
  );
}

async function pickBotsPort(options: StartOptions): Promise<number> {
  if (options.botsPort === undefined) return await pickPort(8104);
  if (await isPortFree(options.botsPort)) return options.botsPort;
  throw new StartError(
    `Port ${options.botsPort} is in use by another program. Set BOT_PORT to a free one, or unset it.`,
  );
}

function launch(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Service {
  const service = superviseService(name, args, env);
  running.push({ name, stop: () => service.stop() });
  return service;
}

/** Migrations, and in demo mode the accounts, before anything listens. */
async function prepareDatabase(
  options: StartOptions,
  secrets: Secrets,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await runOnce('start', ['scripts/migrate.ts'], env);
  if (!options.demo) return;
  const file = join(options.dataDir, 'provision.json');
  writePrivate(file, provisionDocument(options, secrets));
  try {
    await runOnce('start', ['fhir-server/src/cli.ts', 'provision', file], env);
  } finally {
    rmSync(file, { force: true });
  }
}

function logSent(count: number): void {
  if (count > 0) logLine('start', `demo data: ${count} resources sent`);
}

async function startServices(
  options: StartOptions,
  secrets: Secrets,
  database: Database,
): Promise<DemoFile | undefined> {
  const cacheDir = process.env['NODE_COMPILE_CACHE'] ?? join(options.dataDir, 'compile-cache');
  const env = { ...serverEnvironment(options, secrets, database.url), ...serverRuntime(cacheDir) };
  await prepareDatabase(options, secrets, env);
  const demo = options.demo ? demoFile(options, secrets) : undefined;
  if (demo !== undefined) writeDemoFile(options, demo);
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  const api = launch('api', [...API_NODE_ARGS, 'fhir-server/src/api.ts'], {
    ...env,
    ...apiRuntime(cacheDir),
  });
  await untilReady('api', `http://${host.includes(':') ? `[${host}]` : host}:${options.port}/readyz`, api);
  launch('worker', ['fhir-server/src/worker.ts'], env);
  if (demo !== undefined) logSent(await seed(demo));
  const botsPort = await pickBotsPort(options);
  const bots = launch('bots', ['ai-bots/runtime/main.ts'], {
    ...botsEnvironment(options, secrets, botsPort),
    ...serverRuntime(cacheDir),
  });
  // A visit that is recorded before the bot has subscribed would wait for nobody.
  if (demo !== undefined) {
    const ready = untilReady('bots', `http://127.0.0.1:${botsPort}/readyz/${BOT_AWAITED}`, bots);
    // The bots start on another core meanwhile.
    const [sent] = await Promise.all([seedHistories(demo), ready]);
    logSent(sent + (await seedRecordings(demo)));
  }
  return demo;
}

async function start(options: StartOptions): Promise<void> {
  mkdirSync(options.dataDir, { recursive: true });
  let lock = takeLock(options.dataDir, options.baseUrl);
  const { afterCrash } = lock;
  if (options.reset) {
    await resetData(options);
    mkdirSync(options.dataDir, { recursive: true });
    lock = takeLock(options.dataDir, options.baseUrl);
  }
  process.on('exit', () => lock.release());
  process.stdout.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  await checkPort(options, afterCrash ? 20_000 : 0);
  const secrets = await loadSecrets(options.dataDir);
  const building = buildApps();
  building.catch(() => undefined);
  const database = await openDatabase(options);
  running.push({ name: 'database', stop: () => database.stop() });
  const demo = await startServices(options, secrets, database);
  await building;
  if (!stopping) console.log(banner(options, demo, database.label));
}

try {
  checkNodeVersion();
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else await start(options);
} catch (error) {
  if (!stopping) {
    console.error(error instanceof StartError ? `\n${error.message}\n` : error);
    await stopAll(1);
  }
}
