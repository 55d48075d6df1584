/** Exports as whoever runs the server sees them: whose they are and how far, and nothing of what was asked for or written. */
import { type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import type { ExportJob, ExportRequest, Place } from './export-job.ts';
import { typesToRead } from './export-types.ts';

export interface ListedExport {
  readonly id: string;
  readonly state: ExportJob['state'];
  readonly clientId: string;
  readonly userId: string | null;
  /** Resources in files that are whole. */
  readonly done: number;
  /** Of the types that are read; what these refer to comes after them. */
  readonly share: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

type Row = Omit<ListedExport, 'share'> & { readonly request: ExportRequest; readonly place: Place | null };

/** Those that are not over first, then the newest. */
export async function listJobs(pool: Pool, limit: number): Promise<ListedExport[]> {
  const { rows } = await pool.query<Row>(
    `select id, state, client_id as "clientId", user_id as "userId", request, place,
       (select coalesce(sum(count), 0)::bigint from bulk.file where job_id = job.id and kind <> 'error') as done,
       floor(extract(epoch from created_at) * 1000)::bigint as "createdAt",
       floor(extract(epoch from finished_at) * 1000)::bigint as "finishedAt"
     from bulk.job order by state in ('waiting', 'running') desc, created_at desc limit $1`,
    [limit],
  );
  return rows.map(({ request, place, ...job }) => ({ ...job, share: shareOf(job.state, request, place) }));
}

function shareOf(state: ExportJob['state'], request: ExportRequest, place: Place | null): number {
  if (state === 'done') return 1;
  if (place === null) return 0;
  if (place.stage !== 'types') return 1;
  return Math.min(place.type / Math.max(typesToRead(request).length, 1), 1);
}

/** `record` runs in its transaction. False when there is no such export. Its files stay for the caller to remove. */
export const cancelJob = (
  pool: Pool,
  id: string,
  record: (db: PoolClient) => Promise<void>,
): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const { rowCount } = await client.query('delete from bulk.job where id = $1', [id]);
    if (rowCount === 0) return false;
    await record(client);
    return true;
  });
