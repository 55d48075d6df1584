/**
 * `npm run containers`: whether the Dockerfile and docker-compose.yml keep the rules, and whether what the Dockerfile
 * copies and installs runs: in folders in place of containers, as the account of the images. `--rules` stops after the rules.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { buildStage, type Builder } from './containers/build.ts';
import { parseStages } from './containers/dockerfile.ts';
import { readIgnored } from './containers/ignored.ts';
import { composeFaults, imageFaults, type Compose } from './containers/policy.ts';
import { type Image, runImage, startImage, type Running } from './containers/start.ts';
import { startThrowAwayPostgres } from './embedded-postgres.ts';
import { pinnedNode, root } from './pinned-node.ts';
import { pickPort } from './postgres/port.ts';
import { botClients } from './start/bot-clients.ts';
import { makeKey, publicKey } from './start/secrets.ts';

const targets = ['migrate', 'api', 'worker', 'bots'] as const;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const say = (line: string): void => console.log(`containers: ${line}`);

const dockerfile = read('Dockerfile');
const isIgnored = readIgnored(read('.dockerignore'));

function checkRules(): void {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  // `<<` is a merge of YAML 1.1, which Compose knows.
  const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
  const faults = [
    ...imageFaults({ dockerfile, targets, root, isIgnored, nodeVersion: devDependencies.node }),
    ...composeFaults(compose, targets),
  ];
  if (faults.length > 0) throw new Error(`The rules of images are broken:\n${faults.join('\n')}`);
  say('the Dockerfile and docker-compose.yml keep the rules');
}

/** A folder of our own with the pinned Node, in which the account of the images may look around. */
function makeFolder(): { folder: string; environment: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-images-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(pinnedNode(), join(folder, 'bin', 'node'));
  process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  // What npm told its script about this clone is not for the npm in it.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/.test(name)));
  return { folder, environment };
}

/** Something that the account of the images owns. */
function give(path: string): string {
  if (process.getuid?.() === 0) chownSync(path, 1000, 1000);
  return path;
}

async function settings(folder: string, databaseUrl: string) {
  const [port, workerPort, botPort] = [await pickPort(), await pickPort(), await pickPort()];
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  give(data);
  const key = await makeKey();
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content), { mode: 0o600 });
    return give(join(folder, name));
  };
  const client = botClients.find(({ clientId }) => clientId === 'visit-scribe');
  const { scopes = [], ...registration } = client ?? {};
  const clients = [{ ...registration, jwks: { keys: [publicKey(key)] }, scope: scopes.join(' ') }];
  return {
    accounts: file('accounts.json', { users: [], clients }),
    server: {
      DATABASE_URL: databaseUrl,
      COOKIE_SECRET: 'a secret of nobody, for this run only',
      BASE_URL: `http://localhost:${port}`,
      PORT: String(port),
      WORKER_PORT: String(workerPort),
      DATA_DIR: data,
      EGRESS_ALLOWED_ORIGINS: `http://127.0.0.1:${botPort}`,
    },
    bots: {
      FHIR_BASE_URL: `http://localhost:${port}/fhir/R4`,
      BOT_PORT: String(botPort),
      BOT_PUBLIC_URL: `http://127.0.0.1:${botPort}`,
      BOT_PRIVATE_KEY_FILE: file('visit-scribe-key.json', key),
      BOT_SUBSCRIPTION_SECRET: 'another secret of nobody, for this run only',
    },
    port,
  };
}

async function checkRun(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const stages = parseStages(dockerfile);
  const builder: Builder = { stages, context: root, isIgnored, folder, environment, say };
  const roots = new Map<string, string>();
  for (const target of targets) roots.set(target, await buildStage(builder, target));
  const postgres = await startThrowAwayPostgres();
  const running: Running[] = [];
  try {
    const { server, bots, accounts, port } = await settings(folder, postgres.url);
    const image = (target: (typeof targets)[number]): Image => ({
      stages,
      target,
      root: roots.get(target) ?? '',
      environment: target === 'bots' ? bots : server,
      log: (line) => say(`${target}: ${line}`),
    });
    await runImage(image('migrate'));
    await runImage(image('api'), ['node', 'fhir-server/src/cli.ts', 'provision', accounts]);
    for (const target of ['api', 'worker', 'bots'] as const) {
      running.push(await startImage(image(target)));
      say(`${target} is healthy`);
    }
    for (const app of ['scribe', 'ehr', 'portal', 'console']) {
      const { ok, status } = await fetch(`http://127.0.0.1:${port}/apps/${app}/`);
      if (!ok) throw new Error(`/apps/${app}/ answers ${status}.`);
    }
    say('api serves the apps');
  } finally {
    try {
      for (const each of running.reverse()) await each.stop();
    } finally {
      await postgres.stop();
    }
  }
  say('all ended as they were asked to');
}

checkRules();
if (!process.argv.includes('--rules')) {
  const { folder, environment } = makeFolder();
  try {
    await checkRun(folder, environment);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
