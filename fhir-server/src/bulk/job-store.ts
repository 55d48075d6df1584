/** Export jobs: rows that a worker leases and that say how far the work is. */
import { randomBytes } from 'node:crypto';
import { type AuditRecord, writeRecords } from '../audit/index.ts';
import { type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import type { ExportFile, ExportJob, ExportRequest, Place, Requester } from './export-job.ts';

const COLUMNS = `id, requester, request, patients, transaction_time as "transactionTime", state, place, notes, progress,
  faults, failure, floor(extract(epoch from finished_at) * 1000)::bigint as "finishedAt"`;

/** Cannot be guessed. */
export const randomId = (): string => randomBytes(24).toString('base64url');

export interface NewExport {
  readonly requester: Requester;
  readonly request: ExportRequest;
  readonly patients: readonly string[] | undefined;
}

/** Wakes the workers. Undefined when the client has `jobsMax` exports that are not finished. */
export async function insertJob(pool: Pool, job: NewExport, jobsMax: number): Promise<string | undefined> {
  const { clientId, userId } = job.requester;
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(3, hashtext($1))', [clientId]);
    const { rows } = await client.query<{ open: number }>(
      `select count(*) as open from bulk.job where client_id = $1 and state in ('waiting', 'running')`,
      [clientId],
    );
    if ((rows[0]?.open ?? 0) >= jobsMax) return undefined;
    const id = randomId();
    // What the caller has written and been told of belongs to the export, though the clock of the database may be behind.
    await client.query(
      `insert into bulk.job (id, client_id, user_id, requester, request, patients, transaction_time)
       values ($1, $2, $3, $4, $5, $6, greatest($7, floor(extract(epoch from clock_timestamp()) * 1000))::bigint)`,
      [id, clientId, userId ?? null, job.requester, job.request, job.patients ?? null, Date.now()],
    );
    await client.query('notify bulk');
    return id;
  });
}

/** A job of this client, and of this user where there was one. */
export async function loadJob(
  pool: Pool,
  id: string,
  { clientId, userId }: Pick<Requester, 'clientId' | 'userId'>,
): Promise<ExportJob | undefined> {
  const { rows } = await pool.query<ExportJob>(
    `select ${COLUMNS} from bulk.job where id = $1 and client_id = $2 and user_id is not distinct from $3`,
    [id, clientId, userId ?? null],
  );
  return rows[0];
}

/** The oldest job that nobody works on; it is the caller's until the lease ends. */
export async function leaseJob(pool: Pool, lease: Lease): Promise<ExportJob | undefined> {
  const { rows } = await pool.query<ExportJob>(
    `update bulk.job set state = 'running', lease_id = $1,
       lease_until = clock_timestamp() + $2 * interval '1 millisecond'
     where id = (
       select id from bulk.job
       where state in ('waiting', 'running') and (lease_until is null or lease_until < clock_timestamp())
       order by created_at limit 1 for update skip locked
     ) returning ${COLUMNS}`,
    [lease.id, lease.ms],
  );
  return rows[0];
}

export interface Lease {
  readonly id: string;
  readonly ms: number;
}

const OWNED = `id = $1 and state = 'running' and lease_id = $2`;
const RENEWED = `lease_until = clock_timestamp() + $3 * interval '1 millisecond'`;

/** False when the job is another's by now, or was deleted. */
export async function renewLease(pool: Pool, id: string, lease: Lease, progress: string): Promise<boolean> {
  const { rowCount } = await pool.query(`update bulk.job set ${RENEWED}, progress = $4 where ${OWNED}`, [
    id,
    lease.id,
    lease.ms,
    progress,
  ]);
  return rowCount === 1;
}

/**
 * Whether every transaction is over that may have written something before the job's moment. To be asked until it says yes.
 */
export async function isSettled(pool: Pool, id: string, settleMs: number): Promise<boolean> {
  const { rows } = await pool.query<{ settled: boolean | null }>(
    `update bulk.job set fence = coalesce(fence, pg_current_xact_id())
     where id = $1 and created_at + $2 * interval '1 millisecond' < clock_timestamp()
     returning fence < pg_snapshot_xmin(pg_current_snapshot()) as settled`,
    [id, settleMs],
  );
  return rows[0]?.settled === true;
}

export interface Checkpoint {
  readonly place: Place;
  readonly files: readonly ExportFile[];
  readonly references: readonly (readonly [type: string, id: string])[];
  /** Of the references. */
  readonly wave: number;
  readonly notes: readonly string[];
  readonly progress: string;
}

/** All together or nothing. False when the job is another's by now, or was deleted. */
export const saveCheckpoint = (pool: Pool, id: string, lease: Lease, done: Checkpoint): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update bulk.job set ${RENEWED}, place = $4, notes = $5, progress = $6, faults = 0 where ${OWNED}`,
      [id, lease.id, lease.ms, done.place, done.notes, done.progress],
    );
    if (rowCount !== 1) return false;
    for (const file of done.files) await insertFile(client, id, file);
    if (done.references.length > 0)
      await client.query(
        `insert into bulk.reference (job_id, wave, resource_type, id)
         select $1, $2, * from unnest($3::text[], $4::text[]) on conflict do nothing`,
        [id, done.wave, done.references.map(([type]) => type), done.references.map(([, of]) => of)],
      );
    return true;
  });

const insertFile = (client: PoolClient, jobId: string, file: ExportFile) =>
  client.query(
    `insert into bulk.file (id, job_id, kind, resource_type, count, bytes, rights) values ($1, $2, $3, $4, $5, $6, $7)`,
    [file.id, jobId, file.kind, file.resourceType, file.count, file.bytes, file.rights],
  );

/** References of a wave behind a place, of one type at a time. */
export async function nextReferences(
  pool: Pool,
  id: string,
  { wave, referred, after }: Pick<Place, 'wave' | 'referred' | 'after'>,
  limit: number,
): Promise<{ readonly resourceType: string; readonly ids: readonly string[] } | undefined> {
  const { rows } = await pool.query<{ resource_type: string; id: string }>(
    `select resource_type, id from bulk.reference
     where job_id = $1 and wave = $2 and (resource_type, id) > ($3, $4) order by resource_type, id limit $5`,
    [id, wave, referred, after, limit],
  );
  const resourceType = rows[0]?.resource_type;
  if (resourceType === undefined) return undefined;
  return { resourceType, ids: rows.filter((r) => r.resource_type === resourceType).map((r) => r.id) };
}

/** The end of a job, with its record for the audit; `failure` is told to the client. */
export const endJob = (
  pool: Pool,
  id: string,
  lease: Lease,
  end: { readonly failure?: string; readonly file?: ExportFile | undefined; readonly record: AuditRecord },
): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update bulk.job set state = $3, failure = $4, finished_at = clock_timestamp(), lease_until = null where ${OWNED}`,
      [id, lease.id, end.failure === undefined ? 'done' : 'failed', end.failure ?? null],
    );
    if (rowCount !== 1) return false;
    if (end.file) await insertFile(client, id, end.file);
    await client.query('delete from bulk.reference where job_id = $1', [id]);
    await writeRecords(client, [end.record]);
    return true;
  });

/** Gives the job back; after a fault it is not taken up again at once. */
export async function releaseJob(
  pool: Pool,
  id: string,
  lease: Lease,
  afterMs?: number,
  fault = false,
): Promise<void> {
  await pool.query(
    `update bulk.job set faults = faults + $4, lease_until = clock_timestamp() + $3 * interval '1 millisecond' where ${OWNED}`,
    [id, lease.id, afterMs ?? 0, fault ? 1 : 0],
  );
}

export async function listFiles(pool: Pool, jobId: string): Promise<ExportFile[]> {
  const { rows } = await pool.query<ExportFile>(
    `select id, kind, resource_type as "resourceType", count, bytes, rights from bulk.file
     where job_id = $1 order by written_at, id`,
    [jobId],
  );
  return rows;
}

export async function removeJob(pool: Pool, id: string): Promise<void> {
  await pool.query('delete from bulk.job where id = $1', [id]);
}

/** Jobs that ended longer ago; their rows are gone when it resolves. */
export async function purgeJobs(pool: Pool, expiryMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `delete from bulk.job where finished_at < clock_timestamp() - $1 * interval '1 millisecond' returning id`,
    [expiryMs],
  );
  return rows.map(({ id }) => id);
}

/** Ids of all jobs, whatever their state. */
export async function knownJobs(pool: Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>('select id from bulk.job');
  return new Set(rows.map(({ id }) => id));
}
