/** One step of a reindex job: some resources in one short transaction, which also keeps the place. */
import type { Resource } from '@medplum/fhirtypes';
import { withTransaction, type Pool, type PoolClient } from '../db/index.ts';
import { extractIndex, type SearchParameterRegistry } from '../search/index.ts';
import { countContents, lockContents, rewriteIndex, type ResourceTables } from '../storage/index.ts';
import type { ReindexConfig } from '../platform/config.ts';
import { loadCustomState, type CustomState } from './custom-parameters.ts';
import { finishJob, lockJob, saveProgress, saveTotal, type Job } from './job-store.ts';

export interface BatchContext {
  readonly pool: Pool;
  readonly registry: SearchParameterRegistry;
  readonly tables: ResourceTables;
  /** FHIR base URL. */
  readonly baseUrl: string;
  readonly settings: ReindexConfig;
  /** Brings the registry to what the database has now. */
  readonly load: () => Promise<CustomState>;
}

/** One batch at a time in all workers: none may write an index that lacks a parameter which another has finished. */
const BATCH_LOCK = 8106;
/** How far the clocks of the processes may be apart. */
const CLOCK_MARGIN_MS = 60_000;

export type Step = 'more' | 'settling' | 'over';

/** Does the next batch of a leased job; the second pass waits until `settled`. */
export async function reindexBatch(context: BatchContext, id: string, settled: boolean): Promise<Step> {
  const { pool, settings, tables } = context;
  const known = await context.load();
  // Columns of new parameters are made before the batch: it must not wait for locks on whole tables.
  const existing = new Set(await tables.existing(await typesOf(pool, id)));
  await tables.ensure(existing);
  return withTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [BATCH_LOCK]);
    const state = await loadCustomState(client);
    // Changed this very moment: its columns are made first.
    if (names(state) !== names(known)) return 'more';
    const job = await lockJob(client, id, settings.leaseMs);
    if (!job) return 'over';
    if (job.total === null) await saveTotal(client, id, await countAll(client, job, existing));
    const type = job.types[job.typeNumber];
    if (type !== undefined) {
      await reindexType(context, client, job, existing.has(type) ? type : undefined);
      return 'more';
    }
    if (job.pass === 1) {
      if (!settled) return 'settling';
      await saveProgress(client, id, { pass: 2, typeNumber: 0, position: '', done: job.done });
      return 'more';
    }
    await raiseForm(client, job);
    await finishJob(client, id);
    return 'over';
  });
}

const names = (state: CustomState): string =>
  state.parameters.map((p) => `${p.id} ${p.definition}`).join('\n');

async function typesOf(pool: Pool, id: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ types: string[] }>(
    'select resource_types as types from fhir.reindex_job where id = $1',
    [id],
  );
  return rows[0]?.types ?? [];
}

async function countAll(client: PoolClient, job: Job, existing: ReadonlySet<string>): Promise<number> {
  let total = 0;
  for (const type of job.types) if (existing.has(type)) total += await countContents(client, type);
  return total;
}

/** `type` is undefined for one that was never written. */
async function reindexType(
  { registry, baseUrl, settings }: BatchContext,
  client: PoolClient,
  job: Job,
  type: string | undefined,
): Promise<void> {
  const since = job.pass === 1 ? undefined : job.createdAt - CLOCK_MARGIN_MS;
  const page = { after: job.position, since, limit: settings.batchSize };
  const found = type === undefined ? { contents: [] } : await lockContents(client, type, page);
  const rows = found.contents.map(({ id, content }) => ({
    id,
    index: extractIndex(JSON.parse(content) as Resource, { registry, baseUrl }),
  }));
  if (type !== undefined) await rewriteIndex(client, registry, type, rows);
  const isLast = found.next === undefined;
  await saveProgress(client, job.id, {
    pass: job.pass,
    typeNumber: job.typeNumber + (isLast ? 1 : 0),
    position: found.next ?? '',
    done: job.done + (job.pass === 1 ? rows.length : 0),
  });
}

async function raiseForm(client: PoolClient, { indexForm, types }: Job): Promise<void> {
  if (indexForm === null) return;
  await client.query(
    'update fhir.layout set index_form = $1 where resource_type = any($2::text[]) and index_form < $1',
    [indexForm, types],
  );
}
