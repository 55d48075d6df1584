/**
 * What each client has written, as a place in the write-ahead log: kept on the primary, so that every process knows of it as
 * soon as the client has his answer. Why there: docs/adr/0012-read-replicas.md.
 */
import { formatLogPosition, type LogPosition, parseLogPosition } from './log-position.ts';
import type { Pool, PoolClient, Queryable } from './pool.ts';

/** Stands for all clients: raised by what no stale read may miss, whoever wrote it. */
export const EVERYBODY = '*';

/** Whose transactions leave a note; none does where there is no replica. */
const noting = new WeakSet<Pool>();
const authors = new WeakMap<PoolClient, Set<string>>();

/** From now on transactions of this pool that name an author note where they ended. */
export const noteAuthors = (pool: Pool): void => void noting.add(pool);

export function beginNotes(pool: Pool, client: PoolClient): void {
  if (noting.has(pool)) authors.set(client, new Set());
}

/** Names the author of the running transaction, or EVERYBODY. Costs nothing where no notes are taken. */
export const noteAuthor = (client: PoolClient, author: string): void => void authors.get(client)?.add(author);

const note = (authors: readonly string[]) => ({
  name: 'client_position_note',
  // In one order, so that two notes do not wait for each other for ever.
  text: `insert into replica.client_position as p (client, position)
    select client, pg_current_wal_insert_lsn() from unnest($1::text[]) client order by client
    on conflict (client) do update set position = greatest(p.position, excluded.position), noted_at = now()`,
  values: [authors],
});

/**
 * To be called right behind the commit: the statement runs once that is over, so that the end of the log is then behind all that
 * was written. Undefined where nobody is named. `taken` resolves when every process can see the note.
 */
export function sendNotes(client: PoolClient): { taken(pool: Pool): Promise<void> } | undefined {
  const named = authors.get(client);
  if (named === undefined || named.size === 0) return undefined;
  const noted = client.query(note([...named])).then(
    () => true,
    () => false,
  );
  return {
    async taken(pool) {
      // What was committed and cannot be noted must not be acknowledged: a replica could deny it afterwards.
      if (!(await noted)) await pool.query(note([...named]));
    },
  };
}

export const endNotes = (client: PoolClient): void => void authors.delete(client);

/** Notes within a transaction that these clients are going to be told of what was committed before it. */
export async function noteTold(
  pool: Pool,
  client: PoolClient,
  subscriptionIds: readonly string[],
): Promise<void> {
  if (!noting.has(pool) || subscriptionIds.length === 0) return;
  await client.query({
    name: 'client_position_told',
    text: `insert into replica.client_position as p (client, position)
      select client, pg_current_wal_insert_lsn() from (
        select distinct coalesce('user ' || user_id, 'client ' || client_id) as client
        from subscription_owner where subscription_id = any($1::text[])
      ) o order by client
      on conflict (client) do update set position = greatest(p.position, excluded.position), noted_at = now()`,
    values: [subscriptionIds],
  });
}

export interface Notes {
  /** Of each client that was asked for and has one. */
  readonly of: ReadonlyMap<string, LogPosition>;
  readonly everybody: LogPosition;
  /** The end of the log at the time of the answer. */
  readonly end: LogPosition;
}

/** Undefined when the notes were lost in a crash: then everybody's begins at the end of the log. */
export async function readNotes(db: Queryable, clients: readonly string[]): Promise<Notes | undefined> {
  const { rows } = await db.query<{ client: string; position: string; ends: string }>({
    name: 'client_position_read',
    text: `select client, position::text as position, pg_current_wal_insert_lsn()::text as ends
      from replica.client_position where client = any($1::text[])`,
    values: [[EVERYBODY, ...clients]],
  });
  const of = new Map(rows.map(({ client, position }) => [client, parseLogPosition(position) ?? 0n]));
  const everybody = of.get(EVERYBODY);
  const end = parseLogPosition(rows[0]?.ends);
  if (everybody !== undefined && end !== undefined) return { of, everybody, end };
  await db.query({ ...note([EVERYBODY]), name: 'client_position_begin' });
  return undefined;
}

/** Notes that no replica within any permitted staleness can be behind of. */
export async function forgetOldNotes(db: Queryable): Promise<void> {
  await db.query({
    name: 'client_position_forget',
    text: `delete from replica.client_position where noted_at < now() - interval '1 hour' and client <> $1`,
    values: [EVERYBODY],
  });
}

/** The end of the log on the primary, for a link to a page that another machine may answer. */
export async function endOfLog(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ ends: string }>({
    name: 'end_of_log',
    text: 'select pg_current_wal_insert_lsn()::text as ends',
  });
  return rows[0]?.ends ?? formatLogPosition(0n);
}
