/** Code of before and of after on one database: while it is migrated, and afterwards. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { root } from '../../../scripts/pinned-node.ts';
import { migrate } from '../../src/db/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Requirement, testWith } from '../support/requirement.ts';
import { provisionClient, requestToken, type ServerProcess, startServerProcess } from './api-process.ts';
import { startKeepAliveLoad } from './keep-alive-load.ts';

const MIGRATIONS = join(root, 'fhir-server/src/db/migrations');
const PATIENCE_MS = 30_000;

let database: TestDatabase;
let pool: pg.Pool;
let home: string;
let env: Readonly<Record<string, string>>;
let old: ServerProcess;
let token: string;
const processes: ServerProcess[] = [];

const start = async (...options: Parameters<typeof startServerProcess>): Promise<ServerProcess> => {
  const process = await startServerProcess(...options);
  processes.push(process);
  return process;
};

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'dr-assistant-lifecycle-'));
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6 });
  await provisionClient(database.url);
  env = { DATABASE_URL: database.url, DATA_DIR: home, BASE_URL: 'http://localhost:8103' };
  old = await start(env);
  await old.ready();
  token = await requestToken(old.port);
}, 240_000);
afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  await pool?.end();
  await database?.drop();
  rmSync(home, { recursive: true, force: true });
}, 200_000);

/** What a next release might add, beside those of today. */
function expand(): string {
  const folder = join(home, 'migrations');
  cpSync(MIGRATIONS, folder, { recursive: true });
  const write = (name: string, sql: string): void => writeFileSync(join(folder, name), sql);
  write(
    '9001_expand.sql',
    `alter table fhir."Observation" add column extra text, add column counted bigint not null default 0;
     create table fhir.beside (id text primary key);`,
  );
  write(
    '9002_index.sql',
    `-- without transaction
     drop index concurrently if exists fhir.observation_extra;
     create index concurrently observation_extra on fhir."Observation" (extra);`,
  );
  return folder;
}

test('While a migration waits for a table, and is applied, no request to the code of before fails or waits long; then both serve.', async () => {
  const load = startKeepAliveLoad([old.port], token, 4);
  await until(() => load.succeeded() > 20, 'a load');
  // A report of somebody's, which keeps the migration from its table.
  const report = await pool.connect();
  await report.query('begin; select count(*) from fhir."Observation"');
  let [waited, isApplied] = [0, false];
  const folder = expand();
  const migrating = migrate(pool, { folder, lockTimeoutMs: 100, onWaiting: () => (waited += 1) }).finally(() => (isApplied = true)); // prettier-ignore
  await until(() => waited >= 3, 'attempts');
  const before = load.succeeded();
  await until(() => load.succeeded() > before + 20, 'requests beside one that waits');
  expect(isApplied).toBe(false);
  await report.query('commit');
  report.release();
  expect(await migrating).toEqual(['9001_expand.sql', '9002_index.sql']);
  const after = await start(env);
  await after.ready();
  const both = startKeepAliveLoad([old.port, after.port], token, 4);
  await until(() => both.succeeded() > 40, 'requests to both');
  await Promise.all([load.stop(), both.stop()]);
  expect([...load.failures, ...both.failures]).toEqual([]);
  const { rows } = await pool.query("select indisvalid from pg_index where indexrelid = 'fhir.observation_extra'::regclass"); // prettier-ignore
  expect(rows).toEqual([{ indisvalid: true }]);
}, 240_000);

test('A migration that never gets its table is given up, and nothing of it is left.', async () => {
  const folder = join(home, 'blocked');
  cpSync(join(home, 'migrations'), folder, { recursive: true });
  writeFileSync(join(folder, '9003_blocked.sql'), 'create table fhir.left_over (id text); alter table fhir."Observation" add column late text;'); // prettier-ignore
  const report = await pool.connect();
  try {
    await report.query('begin; select count(*) from fhir."Observation"');
    await expect(migrate(pool, { folder, lockTimeoutMs: 20, attemptsMax: 2 })).rejects.toThrow(
      'lock timeout',
    );
  } finally {
    await report.query('rollback');
    report.release();
  }
  expect((await pool.query("select to_regclass('fhir.left_over') as table")).rows).toEqual([{ table: null }]);
  expect(await migrate(pool, { folder })).toEqual(['9003_blocked.sql']);
});

test.each(['api.ts', 'worker.ts'])(
  'New code, %s, does not start on a database that lacks a migration, and says which.',
  async (entry) => {
    const behind = await createDatabase();
    const admin = new pg.Client({ connectionString: behind.url });
    try {
      await admin.connect();
      await admin.query("delete from schema_migration where name = '0042_client_position.sql'");
      const refused = await start({ ...env, DATABASE_URL: behind.url }, { entry });
      expect(await refused.ended).toBe(1);
      expect(refused.log()).toContain('it lacks 1 migrations, the first of them 0042_client_position.sql');
      expect(refused.log()).toContain('Run node scripts/migrate.ts');
    } finally {
      await admin.end();
      await behind.drop();
    }
  },
  60_000,
);

/** The commit before the newest migration. */
function previousCommit(): Requirement {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); // prettier-ignore
  const hint = 'the history of this repository (git fetch --unshallow)';
  try {
    const newest = git('log', '-1', '--format=%H', '--diff-filter=A', '--', 'fhir-server/src/db/migrations');
    return { hint, path: git('rev-parse', '--verify', `${newest}^`) };
  } catch {
    // Not even CI always has it: a source archive, or the last commit alone.
    return { hint, path: undefined, waived: true };
  }
}

const previous = previousCommit();
testWith(previous)(
  'The code before the newest migration and that of today serve one database together.',
  async () => {
    const folder = join(home, 'previous');
    mkdirSync(folder);
    const archive = execFileSync('git', ['archive', previous.path!, 'package.json', 'fhir-server'], { cwd: root, maxBuffer: 2 ** 30 }); // prettier-ignore
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    for (const modules of ['node_modules', 'fhir-server/node_modules', 'fhir-server/generated'])
      if (existsSync(join(root, modules))) symlinkSync(join(root, modules), join(folder, modules));
    const before = await start(env, { root: folder });
    await before.ready();
    const load = startKeepAliveLoad([before.port, old.port], token, 4);
    await until(() => load.succeeded() > 60, 'requests to both');
    await load.stop();
    expect(load.failures).toEqual([]);
  },
  120_000,
);
