/**
 * Resources of a type as they were at a moment, page by page by id: a later version gives way to the one that was current
 * then. The moment must be so long ago that every transaction that began before it is over.
 */
import { isDistributed, inSnapshot, type Pool, type Queryable, withTransaction } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, hashKey, linkColumns, tableName } from './search-sql/index.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

export interface AsOfQuery {
  readonly registry: SearchParameterRegistry;
  /** Its table must exist. */
  readonly resourceType: string;
  /** Of current versions. Superseded ones have no index, so that the caller must decide on each by its content. */
  readonly filter: Expression;
  /** Deletions instead of what is there. */
  readonly deletions?: boolean;
  /** Milliseconds since the epoch, included. */
  readonly moment: number;
  /** Only what was written later, in ms. */
  readonly since?: number | undefined;
  /** The id behind which the page starts. */
  readonly after: string;
  readonly limit: number;
  /** The page ends before its contents are longer than this, but not before its first resource. */
  readonly bytesMax: number;
  /** Of which of these keys a resource has one is told, as places in the list. */
  readonly keys?: ReadonlyMap<string, number> | undefined;
}

export interface AsOfVersion extends StoredVersion {
  /** The filter has not been applied. */
  readonly isSuperseded: boolean;
  /** The Patient whom a current version is about. */
  readonly patient?: string;
  /** The least of the values in `keys` for a key of a current version. */
  readonly leastKey?: number;
}

export interface AsOfPage {
  readonly versions: readonly AsOfVersion[];
  /** The id behind which the next page starts, when there may be one. */
  readonly next?: string;
}

type Row = VersionRow & { readonly patient?: string | null; readonly keys?: readonly string[] };

/** Both reads are of one state of the database, in which each id is either current or superseded. */
export const readAsOf = (pool: Pool, query: AsOfQuery): Promise<AsOfPage> =>
  inSnapshot(pool, async (snapshot) => {
    const db = snapshot.openEnded ?? snapshot;
    const current = await readCut(db, query, currentSql(db, query));
    const superseded = await readCut(db, query, supersededSql(db, query, current.next));
    const next = superseded.next ?? current.next;
    const versions = [
      ...current.rows.map((row) => toVersion(row, query)),
      ...superseded.rows.map((row): AsOfVersion => ({ ...toStoredVersion(row), isSuperseded: true })),
    ].filter(({ id }) => next === undefined || id <= next);
    return { versions: versions.sort((a, b) => (a.id < b.id ? -1 : 1)), ...(next !== undefined && { next }) };
  });

function toVersion(row: Row, { keys }: AsOfQuery): AsOfVersion {
  const places = (row.keys ?? []).flatMap((key) => keys?.get(key.replaceAll('-', '')) ?? []);
  return {
    ...toStoredVersion(row),
    isSuperseded: false,
    ...(typeof row.patient === 'string' && { patient: row.patient }),
    ...(places.length > 0 && { leastKey: Math.min(...places) }),
  };
}

/** What `AsOfQuery.keys` has for a key of index-row.ts. */
export const storedKey = (key: string): string => hashKey(key);

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

function currentSql(db: Queryable, query: AsOfQuery): Statement {
  const { registry, resourceType, filter, deletions, moment, since, after, limit, keys } = query;
  const values: unknown[] = [moment, after, limit + 1];
  const wanted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    byRange: true,
  });
  const changed = since === undefined ? '' : `and r.last_updated > $${values.push(since)}::bigint`;
  const hasPatient = linkColumns(registry, resourceType).includes('patient');
  const more = `${hasPatient ? ', r.patient' : ''}${keys === undefined ? '' : `, ${keysAmong(values, keys)} as keys`}`;
  const text = `select ${VERSION_COLUMNS}${more} from ${tableName(resourceType)} r
    where ${deletions === true ? '' : 'not '}r.deleted and r.last_updated <= $1::bigint ${changed}
      and r.id > $2::text and ${wanted} order by r.id limit $3::bigint`;
  return { text, values };
}

/** Only those that are asked for: a list of constants is looked up by hash. */
const keysAmong = (values: unknown[], keys: ReadonlyMap<string, number>): string =>
  `array(select k from unnest(r.keys) k where k = any($${values.push([...keys.keys()])}::uuid[]))`;

/** Up to the end of the page of current ones. Few resources change while an export runs; the indexes by time have them. */
function supersededSql(
  db: Queryable,
  { resourceType, deletions, moment, since, after, limit }: AsOfQuery,
  until?: string,
) {
  const values: unknown[] = [moment, after, limit + 1];
  const changed = since === undefined ? '' : `and h.last_updated > $${values.push(since)}::bigint`;
  const end = until === undefined ? '' : `and c.id <= $${values.push(until)}::text`;
  const text = `select h.id, h.version_id, h.last_updated, h.deleted, h.content
    from ${tableName(resourceType)} c ${isDistributed(db) ? joinLast(resourceType) : lookUpLast(resourceType)}
    where ((not c.deleted and c.last_updated > $1::bigint) or (c.deleted and c.last_updated > $1::bigint))
      and c.id > $2::text ${end} and ${deletions === true ? '' : 'not '}h.deleted ${changed}
    order by c.id limit $3::bigint`;
  return { text, values };
}

/** Of each row `c` the last version until the moment, as `h`. */
const lookUpLast = (resourceType: string): string => `cross join lateral (
      select * from ${tableName(resourceType, '_history')} h
      where h.id = c.id and h.last_updated <= $1::bigint order by h.version_id desc limit 1
    ) h`;

/** The same without a limit for each row, which Citus refuses. */
const joinLast = (
  resourceType: string,
): string => `join ${tableName(resourceType, '_history')} h on h.id = c.id and h.last_updated <= $1::bigint
      and not exists (select from ${tableName(resourceType, '_history')} l
        where l.id = h.id and l.version_id > h.version_id and l.last_updated <= $1::bigint)`;

/** As many of the rows as have room. */
async function readCut(
  db: Queryable,
  { bytesMax }: AsOfQuery,
  { text, values }: Statement,
): Promise<{ rows: Row[]; next?: string }> {
  const { rows } = await db.query<Row & { found: number }>(
    `select q.* from (
       select p.*, row_number() over (order by p.id) as number, count(*) over () as found,
         sum(octet_length(p.content)) over (order by p.id) as size
       from (${text}) p
     ) q where q.number = 1 or (q.number < $3::bigint and q.size <= $${values.push(bytesMax)}::bigint) order by q.id`,
    values,
  );
  const isMore = (rows[0]?.found ?? 0) > rows.length;
  return { rows, ...(isMore && { next: rows.at(-1)!.id }) };
}

/** Contents of the versions before these deletions, by id. */
export async function contentsBefore(
  pool: Pool,
  resourceType: string,
  deletions: readonly StoredVersion[],
): Promise<Map<string, string>> {
  if (deletions.length === 0) return new Map();
  const wanted = new Map(deletions.map(({ id, versionId }) => [id, versionId - 1]));
  const { rows } = await pool.query<{ id: string; version_id: number; content: string }>(
    `select id, version_id, content from ${tableName(resourceType, '_history')}
     where id = any($1::text[]) and version_id = any($2::integer[])`,
    [[...wanted.keys()], [...new Set(wanted.values())]],
  );
  const before = rows.filter(({ id, version_id: versionId }) => wanted.get(id) === versionId);
  return new Map(before.map(({ id, content }) => [id, content]));
}

/** Those of the current resources that match; of `ids` only, where such are given. The type's table must exist. */
export async function matchingIds(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
  ids?: readonly string[],
): Promise<Set<string>> {
  const values: unknown[] = [];
  const wanted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
  });
  const among = ids === undefined ? '' : `and r.id = any($${values.push(ids)}::text[])`;
  const { rows } = await (db.openEnded ?? db).query<{ id: string }>(
    `select r.id from ${tableName(resourceType)} r where not r.deleted and ${wanted} ${among}`,
    values,
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * The same for very many keys of which a row must have one: through the index over keys and no other, since a row with many
 * keys would be compared with each of them. A deleted one has none.
 */
export const idsByKeys = (
  pool: Pool,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
): Promise<Set<string>> =>
  withTransaction(pool, async (client) => {
    const values: unknown[] = [];
    const wanted = compileExpression(filter, {
      resourceType,
      registry,
      alias: 'r',
      values,
      isDistributed: isDistributed(client),
    });
    await client.query('set local enable_seqscan = off; set local enable_indexscan = off');
    const { rows } = await client.query<{ id: string }>(
      `select r.id from ${tableName(resourceType)} r where ${wanted}`,
      values,
    );
    return new Set(rows.map(({ id }) => id));
  });
