/** Reads of one resource: its current version, or its versions from the newest on. */
import type { Pool, PoolClient } from '../db/index.ts';
import type { Expression } from '../search/index.ts';
import { tableName } from './resource-table.ts';
import { compileExpression } from './search-sql/index.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

/** The current version, deleted or not, when it passes the filter. The type's table must exist. */
export async function readCurrent(
  db: Pool | PoolClient,
  resourceType: string,
  id: string,
  filter: Expression,
): Promise<StoredVersion | undefined> {
  const values: unknown[] = [id];
  const permitted = compileExpression(filter, { resourceType, alias: 'r', values });
  const { rows } = await db.query<VersionRow>({
    // Only the unrestricted read has a text that never varies.
    ...(filter.kind === 'all' ? { name: `read ${resourceType}` } : {}),
    text: `select ${VERSION_COLUMNS} from ${tableName(resourceType)} r where r.id = $1 and ${permitted}`,
    values,
  });
  return rows[0] && toStoredVersion(rows[0]);
}

/** Versions below `before` (all when undefined) from the newest on, at most `limit`, not older than `since` (ms). */
export async function readVersions(
  db: Pool | PoolClient,
  resourceType: string,
  id: string,
  page: { readonly before?: number | undefined; readonly since?: number | undefined; readonly limit: number },
): Promise<StoredVersion[]> {
  const { rows } = await db.query<VersionRow>({
    name: `versions ${resourceType}`,
    text: `select ${VERSION_COLUMNS} from (
        select id, version_id, last_updated, deleted, content from ${tableName(resourceType)} where id = $1
        union all
        select id, version_id, last_updated, deleted, content from ${tableName(resourceType, '_history')} where id = $1
      ) r where ($2::integer is null or r.version_id < $2) and ($3::bigint is null or r.last_updated >= $3)
      order by r.version_id desc limit $4`,
    values: [id, page.before ?? null, page.since ?? null, page.limit],
  });
  return rows.map(toStoredVersion);
}

/** One version by number, current or superseded. */
export async function readVersion(
  db: Pool | PoolClient,
  resourceType: string,
  id: string,
  versionId: number,
): Promise<StoredVersion | undefined> {
  const [found] = await readVersions(db, resourceType, id, { before: versionId + 1, limit: 1 });
  return found?.versionId === versionId ? found : undefined;
}
