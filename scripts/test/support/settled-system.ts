/**
 * A system that was really started on an empty database, did the work that its demo data gave to the bots, and was stopped.
 * The first file that asks makes it; others begin with copies of its database and its folder, as after a restart.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createDatabase } from '../../../fhir-server/test/support/database.ts';
import { pickPort } from '../../postgres/port.ts';
import { startSupervisor, stopSupervisor } from './supervisor.ts';

export interface SettledSystem {
  /** Name of the database to clone. */
  readonly template: string;
  /** What was its DATA_DIR. */
  readonly dataDir: string;
}

const TEMPLATE = 'template_settled';
/** Of the workers of one run, one makes it. */
const LOCK = 8_104;
const SETTLE_MAX_MS = 120_000;
const QUIET_MS = 2_000;

/** Events that nobody has looked at, deliveries under way, and work that a bot has taken on. */
const UNDER_WAY = `
  select (select count(*) from outbox)
    + (select count(*) from subscription_delivery where state = 'pending')
    + (select count(*) from fhir."Task" where not deleted and content::jsonb ->> 'status' = 'in-progress') as n`;

async function untilSettled(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const deadline = Date.now() + SETTLE_MAX_MS;
    for (let quietSince = Date.now(); Date.now() - quietSince < QUIET_MS; await sleep(250)) {
      const { rows } = await client.query<{ n: string }>(UNDER_WAY);
      if (rows[0]?.n !== '0') quietSince = Date.now();
      if (Date.now() > deadline)
        throw new Error(`the demo's work is not done: ${rows[0]?.n} under way after ${SETTLE_MAX_MS} ms`);
    }
  } finally {
    await client.end();
  }
}

async function make(server: pg.Client, dataDir: string): Promise<void> {
  rmSync(dataDir, { recursive: true, force: true });
  const database = await createDatabase();
  const [port, botPort] = [await pickPort(), await pickPort()];
  const supervisor = await startSupervisor({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    BOT_PORT: String(botPort),
  });
  try {
    await untilSettled(database.url);
  } finally {
    await stopSupervisor(supervisor);
  }
  await server.query(`alter database ${new URL(database.url).pathname.slice(1)} rename to ${TEMPLATE}`);
}

/** Makes it when this run has none yet; who comes meanwhile waits. */
export async function settledSystem(): Promise<SettledSystem> {
  const folder = process.env['TEST_SETTLED_DIR'];
  if (folder === undefined)
    throw new Error('TEST_SETTLED_DIR is not set: run Jest from the root of the repository');
  const dataDir = join(folder, 'data');
  const server = new pg.Client({ connectionString: process.env['TEST_POSTGRES_URL'] });
  await server.connect();
  try {
    await server.query('select pg_advisory_lock($1)', [LOCK]);
    const { rowCount } = await server.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (rowCount === 0 || !existsSync(dataDir)) await make(server, dataDir);
  } finally {
    await server.end();
  }
  return { template: TEMPLATE, dataDir };
}
