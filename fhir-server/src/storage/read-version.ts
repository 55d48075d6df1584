/** Reads of one resource: its current version, or its versions from the newest on. */
import { isDistributed, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { outlived, type HistoryPeriod } from './history-period.ts';
import { readInBatch } from './read-batch.ts';
import { compileExpression, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

/** The current version, deleted or not, when it passes the filter. The type's table must exist. */
export async function readCurrent(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  id: string,
  filter: Expression,
): Promise<StoredVersion | undefined> {
  // In a transaction the statement must come in its order.
  if (db.openEnded !== undefined) {
    const row = await readInBatch(db, registry, resourceType, id, filter);
    return row && toStoredVersion(row);
  }
  const values: unknown[] = [id];
  const permitted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(db),
    rows: { alias: 'r', among: (id) => `${id} = $1` },
  });
  const { rows } = await db.query<VersionRow>(
    statement(
      `select ${VERSION_COLUMNS} from ${tableName(resourceType)} r where r.id = $1 and ${permitted}`,
      values,
    ),
  );
  return rows[0] && toStoredVersion(rows[0]);
}

/** What these ids hold now; deleted and unknown ones are left out. */
export async function readContents(
  db: Queryable,
  resourceType: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<{ content: string }>(
    statement(
      `select r.content from ${tableName(resourceType)} r where r.id = any($1::text[]) and not r.deleted`,
      [ids],
    ),
  );
  return rows.map(({ content }) => content);
}

/** Versions below `before` (all when undefined) within the period, from the newest on, at most `limit`. */
export async function readVersions(
  db: Queryable,
  resourceType: string,
  id: string,
  page: HistoryPeriod & { readonly before?: number | undefined; readonly limit: number },
): Promise<StoredVersion[]> {
  const { from, values, name } = versionsOf(resourceType, id, page);
  const place = values.length;
  const { rows } = await db.query<VersionRow>({
    name: `versions ${name}`,
    text: `select ${VERSION_COLUMNS} from ${from} and ($${place + 1}::integer is null or r.version_id < $${place + 1})
      order by r.version_id desc limit $${place + 2}`,
    values: [...values, page.before ?? null, page.limit],
  });
  return rows.map(toStoredVersion);
}

/** How many versions a resource has within the period. */
export async function countVersions(
  db: Queryable,
  resourceType: string,
  id: string,
  period: HistoryPeriod,
): Promise<number> {
  const { from, values, name } = versionsOf(resourceType, id, period);
  const text = `select count(*) as count from ${from}`;
  const { rows } = await db.query<{ count: number }>({ name: `count ${name}`, text, values });
  return rows[0]?.count ?? 0;
}

/** Current and superseded versions of one resource as `r`, with their condition; further ones follow with `and`. */
function versionsOf(
  resourceType: string,
  id: string,
  { since, at }: HistoryPeriod,
): { from: string; values: unknown[]; name: string } {
  const columns = 'id, version_id, last_updated, deleted, content';
  const current = tableName(resourceType);
  const superseded = tableName(resourceType, '_history');
  const stillCurrent = at === undefined ? '' : ` and ${outlived(resourceType, '$3')}`;
  return {
    from: `(
        select ${columns} from ${current} where id = $1
        union all
        select ${columns} from ${superseded} r where id = $1${stillCurrent}
      ) r where ($2::bigint is null or r.last_updated >= $2)${at === undefined ? '' : ' and r.last_updated <= $4'}`,
    values: [id, since ?? null, ...(at === undefined ? [] : [at.low, at.high])],
    name: at === undefined ? resourceType : `at ${resourceType}`,
  };
}

/** One version by number, current or superseded. */
export async function readVersion(
  db: Queryable,
  resourceType: string,
  id: string,
  versionId: number,
): Promise<StoredVersion | undefined> {
  const [found] = await readVersions(db, resourceType, id, { before: versionId + 1, limit: 1 });
  return found?.versionId === versionId ? found : undefined;
}
