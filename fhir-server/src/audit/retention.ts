/** Removal of old AuditEvents, seal by seal from the start of the chain, and their export. */
import { type Pool, withTransaction } from '../db/index.ts';

/** Seals in one transaction. */
const SEALS_PER_TURN = 100;

const PARTS = ['fhir."AuditEvent"', 'fhir."AuditEvent_history"', 'fhir."AuditEvent_string"'];

/** Removes AuditEvents that were sealed longer ago; the rest of the chain stays verifiable. Answers how many. */
export async function removeOld(pool: Pool, retentionMs: number): Promise<number> {
  for (let removed = 0; ;) {
    const count = await withTransaction(pool, async (client) => {
      const { rows } = await client.query<{ seq: number; hash: string; events: string[] }>(
        `select seq::float8 as seq, hash, events from audit.seal
         where sealed_at < now() - make_interval(secs => $1) order by seq limit $2 for update`,
        [retentionMs / 1_000, SEALS_PER_TURN],
      );
      const last = rows.at(-1);
      if (last === undefined) return undefined;
      const ids = rows.flatMap(({ events }) => events);
      for (const table of PARTS) await client.query(`delete from ${table} where id = any($1::text[])`, [ids]);
      await client.query('delete from audit.seal where seq <= $1', [last.seq]);
      await client.query(
        `insert into audit.origin (seq, hash) values ($1, $2)
         on conflict (only_one) do update set seq = excluded.seq, hash = excluded.hash`,
        [last.seq, last.hash],
      );
      return ids.length;
    });
    if (count === undefined) return removed;
    removed += count;
  }
}

const EVENTS_PER_READ = 1_000;

/** AuditEvents in the order in which they were stored, as stored; `since` and `until` in ms since the epoch. */
export async function* readEvents(
  pool: Pool,
  { since, until }: { readonly since: number; readonly until: number },
): AsyncGenerator<readonly string[]> {
  const table = await pool.query(`select 1 from fhir.layout where resource_type = 'AuditEvent'`);
  if (table.rows.length === 0) return;
  for (let [at, id] = [since, '']; ;) {
    const { rows } = await pool.query<{ id: string; content: string; last_updated: number }>(
      `select id, content, last_updated from fhir."AuditEvent"
       where (last_updated, id) > ($1, $2) and last_updated < $3 and not deleted
       order by last_updated, id limit ${EVENTS_PER_READ}`,
      [at, id, until],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ content }) => content);
    [at, id] = [last.last_updated, last.id];
  }
}
