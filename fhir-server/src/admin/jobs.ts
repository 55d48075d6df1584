/** Work in the background: indexing anew and exports, with how far they are; and how an export is ended. */
import { cancelJob as cancelExport, listJobs as listExports } from '../bulk/index.ts';
import { conflict, notFound } from '../fhir/outcome.ts';
import { listJobs as listIndexings, loadJob as loadIndexing } from '../reindex/index.ts';
import type { Administrator } from './administrator.ts';
import type { AdminServices } from './context.ts';
import { recordChange } from './record-change.ts';

/** Of each kind: all that are not over, as far as they are that few, and the newest of the others. */
const LISTED_MAX = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface Job {
  readonly kind: 'reindex' | 'export';
  readonly id: string;
  readonly state: string;
  /** Instants. */
  readonly since: string;
  readonly until?: string;
  /** Resources so far; of how many, where that is known. */
  readonly done: number;
  readonly total?: number;
  /** From 0 to 1. */
  readonly share?: number;
  /** Whose export it is. */
  readonly clientId?: string;
  readonly userId?: string;
  readonly username?: string;
  /** Why is indexed anew. */
  readonly reason?: 'request' | 'parameter' | 'upgrade';
  /** `SearchParameter/1` */
  readonly parameter?: string;
  /** Whether the last batch failed, and is tried again. */
  readonly hasFailed?: boolean;
}

/** Nothing of what an export asks for or contains is told: its types and searches may say something of patients. */
export async function listJobs(context: AdminServices): Promise<Job[]> {
  const [indexings, exports] = await Promise.all([reindexJobs(context), exportJobs(context)]);
  return [...indexings, ...exports].toSorted(
    (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || Date.parse(b.since) - Date.parse(a.since),
  );
}

const isOpen = ({ state }: Job): boolean => state === 'waiting' || state === 'running';

const timesOf = (createdAt: number, finishedAt: number | null): Pick<Job, 'since' | 'until'> => ({
  since: new Date(createdAt).toISOString(),
  ...(finishedAt === null ? {} : { until: new Date(finishedAt).toISOString() }),
});

async function reindexJobs({ pool }: AdminServices): Promise<Job[]> {
  const jobs = await listIndexings(pool, LISTED_MAX);
  return jobs.map(
    ({ id, state, parameterId, isOfUpgrade, done, total, hasFailed, createdAt, finishedAt }) => ({
      kind: 'reindex',
      id,
      state,
      ...timesOf(createdAt, finishedAt),
      reason: parameterId !== null ? 'parameter' : isOfUpgrade ? 'upgrade' : 'request',
      ...(parameterId === null ? {} : { parameter: `SearchParameter/${parameterId}` }),
      done,
      ...(total === null ? {} : { total }),
      ...(state === 'done'
        ? { share: 1 }
        : total === null
          ? {}
          : { share: total === 0 ? 0 : Math.min(done / total, 1) }),
      ...(hasFailed ? { hasFailed } : {}),
    }),
  );
}

async function exportJobs({ pool }: AdminServices): Promise<Job[]> {
  const jobs = await listExports(pool, LISTED_MAX);
  const userIds = [...new Set(jobs.flatMap(({ userId }) => userId ?? []))];
  const { rows } = await pool.query<{ id: string; username: string }>(
    'select id::text as id, username from auth.users where id::text = any($1)',
    [userIds],
  );
  const names = new Map(rows.map(({ id, username }) => [id, username]));
  return jobs.map(({ createdAt, finishedAt, userId, ...job }) => {
    const username = names.get(userId ?? '');
    return {
      kind: 'export',
      ...job,
      ...timesOf(createdAt, finishedAt),
      ...(userId === null ? {} : { userId }),
      ...(username === undefined ? {} : { username }),
    };
  });
}

/** Whoever asked for the export gets 404 from then on. Throws FhirError 404, and 409 for an indexing. */
export async function cancelJob(
  { pool, exports }: AdminServices,
  by: Administrator,
  id: string,
): Promise<void> {
  if (UUID.test(id) && (await loadIndexing(pool, id)) !== undefined)
    throw conflict('Indexing is not ended before it is done: searches would wait for it for ever');
  // PostgreSQL's text holds no NUL.
  const isThere = await cancelExport(pool, id.replaceAll('\0', ''), (db) =>
    recordChange(db, by, { code: 'alert', action: 'D', what: 'an export ended by an administrator' }),
  );
  if (!isThere) throw notFound('There is no such export');
  await exports.remove(id);
}
