/** The plans of what the server really sends, from PostgreSQL itself: https://www.postgresql.org/docs/current/auto-explain.html */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createPool } from '../../../src/db/index.ts';

/** A node of `explain (analyze, buffers, format json)`; rows are per loop, and missing where nothing was run. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly Filter?: string;
  readonly 'Sort Key'?: readonly string[];
  readonly 'Subplan Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface ExplainedStatement {
  readonly text: string;
  readonly root: PlanNode;
  readonly milliseconds: number;
}

export interface PlanWatch {
  /** What was sent while `act` ran, on all connections of this process. */
  during(act: () => Promise<unknown>): Promise<ExplainedStatement[]>;
  stop(): Promise<void>;
}

const SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  // The clock is read once per statement, not twice per row.
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};

const NOTICE = /^duration: ([\d.]+) ms\s+plan:\n([^]*)$/;

/**
 * From now on, connections of this process hear of the plans of their statements. Ends those that the database has, so
 * that all are new; whoever used them connects anew. The account must be a superuser's.
 */
export async function watchPlans(databaseUrl: string): Promise<PlanWatch> {
  let heard: ExplainedStatement[] = [];
  const listen = ({ message = '' }: { message?: string | undefined }): void => {
    const [, duration, json] = NOTICE.exec(message) ?? [];
    if (json === undefined) return;
    const { 'Query Text': text, Plan: root } = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
    heard.push({ text, root, milliseconds: Number(duration) });
  };
  const stop = listenToClients(listen);
  await explainAll(databaseUrl);
  const observer = new pg.Client({ connectionString: databaseUrl });
  await observer.connect();
  return {
    async during(act) {
      heard = [];
      await act();
      await untilIdle(observer);
      return heard.filter(({ text }) => text !== BUSY);
    },
    async stop() {
      stop();
      await observer.end();
    },
  };
}

const BUSY = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state not in ('idle', 'disabled')`;
const POLL_MS = 5;

/** The last statement of a transaction is reported when the transaction ends, which the answer may not wait for. */
async function untilIdle(observer: pg.Client): Promise<void> {
  while (((await observer.query(BUSY)).rowCount ?? 0) > 0) await sleep(POLL_MS);
  // What the connections of this process have received by now is yet to be read.
  await sleep(POLL_MS);
}

/** Notices are events of each client; the server does not show its clients. */
function listenToClients(listen: (notice: { message?: string | undefined }) => void): () => void {
  // The driver that the server has loaded, which is not the one of the tests.
  const { Client } = createPool({ databaseUrl: '', databasePoolSize: 1, statementTimeoutMs: 0 }) as unknown as { Client: typeof pg.Client }; // prettier-ignore
  const prototype = Client.prototype as unknown as { connect: (...args: unknown[]) => unknown };
  const { connect } = prototype;
  prototype.connect = function (this: pg.Client, ...args) {
    this.on('notice', listen);
    return connect.apply(this, args);
  };
  return () => {
    prototype.connect = connect;
  };
}

async function explainAll(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const database = client.escapeIdentifier(new URL(databaseUrl).pathname.slice(1));
    for (const [name, value] of Object.entries(SETTINGS))
      await client.query(`alter database ${database} set ${name} = ${client.escapeLiteral(value)}`);
    await client.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
  } finally {
    await client.end();
  }
}
