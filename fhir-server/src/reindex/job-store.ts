/** Reindex jobs: rows that a worker leases and that say how far the work is. */
import type { Pool, PoolClient } from '../db/index.ts';

export interface NewJob {
  readonly types: readonly string[];
  readonly parameter?: { readonly id: string; readonly definition: string };
  readonly indexForm?: number;
}

export interface Job {
  readonly id: string;
  readonly types: readonly string[];
  readonly state: 'waiting' | 'running' | 'done' | 'obsolete';
  readonly indexForm: number | null;
  readonly pass: number;
  readonly typeNumber: number;
  readonly position: string;
  readonly total: number | null;
  readonly done: number;
  readonly error: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export type Progress = Pick<Job, 'pass' | 'typeNumber' | 'position' | 'done'>;

const COLUMNS = `id, resource_types as types, state, index_form as "indexForm", pass, type_number as "typeNumber",
  position, total, done, error, floor(extract(epoch from created_at) * 1000)::bigint as "createdAt"`;

/** Wakes the workers at the commit. */
export async function insertJob(client: PoolClient, job: NewJob): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into fhir.reindex_job (resource_types, parameter_id, definition, index_form)
     values ($1, $2, $3, $4) returning id`,
    [job.types, job.parameter?.id ?? null, job.parameter?.definition ?? null, job.indexForm ?? null],
  );
  await client.query('notify reindex');
  return rows[0]!.id;
}

export async function loadJob(pool: Pool, id: string): Promise<Job | undefined> {
  const { rows } = await pool.query<Job>(`select ${COLUMNS} from fhir.reindex_job where id = $1`, [id]);
  return rows[0];
}

export interface ListedReindex {
  readonly id: string;
  readonly state: Job['state'];
  /** Id of the SearchParameter whose values are indexed. */
  readonly parameterId: string | null;
  /** Whether an upgrade of the server was the reason. */
  readonly isOfUpgrade: boolean;
  readonly done: number;
  readonly total: number | null;
  readonly hasFailed: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** Those that are not over first, then the newest. */
export async function listJobs(pool: Pool, limit: number): Promise<ListedReindex[]> {
  const { rows } = await pool.query<ListedReindex>(
    `select id, state, parameter_id as "parameterId", index_form is not null as "isOfUpgrade", done, total,
       error is not null and state <> 'done' as "hasFailed",
       floor(extract(epoch from created_at) * 1000)::bigint as "createdAt",
       floor(extract(epoch from finished_at) * 1000)::bigint as "finishedAt"
     from fhir.reindex_job order by state in ('waiting', 'running') desc, created_at desc limit $1`,
    [limit],
  );
  return rows;
}

/** A job without a parameter for the same types that has not begun. */
export async function findWaitingJob(
  client: PoolClient,
  types: readonly string[],
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `select id from fhir.reindex_job
     where state = 'waiting' and parameter_id is null and resource_types = $1::text[] limit 1`,
    [types],
  );
  return rows[0]?.id;
}

/** Jobs of a parameter that no longer tell whether its values are indexed; all but those of `definition`. */
export async function retireJobs(
  client: PoolClient,
  parameterId: string,
  definition?: string,
): Promise<void> {
  await client.query(
    `update fhir.reindex_job set state = 'obsolete', finished_at = coalesce(finished_at, clock_timestamp())
     where parameter_id = $1 and state <> 'obsolete' and definition is distinct from $2`,
    [parameterId, definition ?? null],
  );
}

export async function hasJob(client: PoolClient, parameterId: string, definition: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from fhir.reindex_job where parameter_id = $1 and definition = $2 and state <> 'obsolete'`,
    [parameterId, definition],
  );
  return rowCount !== 0;
}

/** The oldest job that nobody works on; it is the caller's until the lease ends. */
export async function leaseJob(pool: Pool, leaseMs: number): Promise<string | undefined> {
  const { rows } = await pool.query<{ id: string }>(
    `update fhir.reindex_job set state = 'running', started_at = coalesce(started_at, clock_timestamp()),
       lease_until = clock_timestamp() + $1 * interval '1 millisecond'
     where id = (
       select id from fhir.reindex_job
       where state in ('waiting', 'running') and (lease_until is null or lease_until < clock_timestamp())
       order by created_at limit 1 for update skip locked
     ) returning id`,
    [leaseMs],
  );
  return rows[0]?.id;
}

/** Locks a running job for a batch and renews its lease; undefined when it is over. */
export async function lockJob(client: PoolClient, id: string, leaseMs: number): Promise<Job | undefined> {
  const { rows } = await client.query<Job>(
    `update fhir.reindex_job set lease_until = clock_timestamp() + $2 * interval '1 millisecond'
     where id = $1 and state = 'running' returning ${COLUMNS}`,
    [id, leaseMs],
  );
  return rows[0];
}

export async function saveTotal(client: PoolClient, id: string, total: number): Promise<void> {
  await client.query('update fhir.reindex_job set total = $2 where id = $1', [id, total]);
}

export async function saveProgress(client: PoolClient, id: string, progress: Progress): Promise<void> {
  await client.query(
    `update fhir.reindex_job set pass = $2, type_number = $3, position = $4, done = $5, error = null where id = $1`,
    [id, progress.pass, progress.typeNumber, progress.position, progress.done],
  );
}

/** Wakes whoever waits for the parameter to become ready. */
export async function finishJob(client: PoolClient, id: string): Promise<void> {
  await client.query(
    `update fhir.reindex_job set state = 'done', finished_at = clock_timestamp(), lease_until = null where id = $1`,
    [id],
  );
  await client.query('notify search_parameter');
}

/** How long a job that failed leaves the way to others. */
const RETRY_MS = 10_000;

/** Gives the job back to be taken by any worker, after a while when it failed. */
export async function releaseJob(pool: Pool, id: string, error?: string): Promise<void> {
  await pool.query(
    `update fhir.reindex_job set error = coalesce($2, error),
       lease_until = case when $2 is null then null else clock_timestamp() + $3 * interval '1 millisecond' end
     where id = $1 and state = 'running'`,
    [id, error?.slice(0, 1_000) ?? null, RETRY_MS],
  );
}

/**
 * Whether every transaction is over that may have begun with an older registry: those running once the processes have
 * had `settleMs` to learn of the change. To be asked until it says yes.
 */
export async function isSettled(pool: Pool, id: string, settleMs: number): Promise<boolean> {
  const { rows } = await pool.query<{ settled: boolean | null }>(
    `update fhir.reindex_job set fence = coalesce(fence, pg_current_xact_id())
     where id = $1 and created_at + $2 * interval '1 millisecond' < clock_timestamp()
     returning fence < pg_snapshot_xmin(pg_current_snapshot()) as settled`,
    [id, settleMs],
  );
  return rows[0]?.settled === true;
}

/** Removes jobs that ended longer ago. A parameter's done job stays: it says that searches may use the parameter. */
export async function purgeJobs(pool: Pool, retentionMs: number): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from fhir.reindex_job
     where (state = 'obsolete' or (state = 'done' and parameter_id is null))
       and finished_at < clock_timestamp() - $1 * interval '1 millisecond'`,
    [retentionMs],
  );
  return rowCount ?? 0;
}
