/** Which stored content belongs to which version of a Binary: rows of fhir.binary_content. */
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient, Queryable } from '../db/index.ts';
import type { Measure } from './binary-store.ts';

export interface AnnouncedContent {
  readonly id: string;
  readonly key: string;
}

export interface FoundContent extends Partial<Measure> {
  readonly key: string;
}

/** Before anything is stored under its key. The underscore is in no FHIR id, so that the id can be told from the rest. */
export async function announceContent(pool: Pool, id: string): Promise<AnnouncedContent> {
  const key = `${id}_${randomUUID()}`;
  await pool.query('insert into fhir.binary_content (id, key) values ($1, $2)', [id, key]);
  return { id, key };
}

/** In the transaction that writes the version. False when the content took so long that it counts as left behind. */
export async function attachContent(
  client: PoolClient,
  { id, key }: AnnouncedContent,
  versionId: number,
  { size, sha256 }: Measure,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update fhir.binary_content set version_id = $3, size = $4, sha256 = $5
     where id = $1 and key = $2 and version_id is null and not doomed`,
    [id, key, versionId, size, sha256],
  );
  return rowCount === 1;
}

/**
 * The content of a version that has no `data`: its own, or that of the version before it which had some, unless the resource
 * was deleted or had `data` in between. So a patch or a change of `meta` keeps it.
 */
export async function findContent(db: Queryable, id: string, versionId: number): Promise<FoundContent> {
  const { rows } = await db.query<{ key: string; version_id: number; size: number; sha256: Buffer }>({
    name: 'find-content',
    text: `select key, version_id, size, sha256 from fhir.binary_content
           where id = $1 and version_id <= $2 order by version_id desc limit 1`,
    values: [id, versionId],
  });
  const [found] = rows;
  // Content that was stored by a server which kept no rows of it is named by its version.
  if (
    found === undefined ||
    (found.version_id < versionId && (await isEnded(db, id, found.version_id, versionId)))
  )
    return { key: `${id}-${versionId}` };
  return found;
}

async function isEnded(db: Queryable, id: string, from: number, until: number): Promise<boolean> {
  const { rows } = await db.query(
    `select from fhir."Binary_history" where id = $1 and version_id > $2 and version_id < $3
     and case when deleted then true else content::json -> 'data' is not null end limit 1`,
    [id, from, until],
  );
  return rows.length > 0;
}

/** Takes content that was announced away from a version which could still come; false when a version has it. */
export async function doomContent(pool: Pool, { id, key }: AnnouncedContent): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update fhir.binary_content set doomed = true where id = $1 and key = $2 and version_id is null',
    [id, key],
  );
  return rowCount === 1;
}

/** The same for at most `limit` that were announced so long ago, and for those of which the removal was not finished. */
export async function doomOldContent(
  pool: Pool,
  olderThanMs: number,
  limit: number,
): Promise<AnnouncedContent[]> {
  const { rows } = await pool.query<AnnouncedContent>(
    `update fhir.binary_content set doomed = true
     where (id, key) in (
       select id, key from fhir.binary_content
       where version_id is null and begun_at < now() - $1::double precision * interval '1 millisecond'
       order by begun_at limit $2 for update skip locked)
     returning id, key`,
    [olderThanMs, limit],
  );
  return rows;
}

/** When the store has removed it. */
export async function forgetContent(pool: Pool, { id, key }: AnnouncedContent): Promise<void> {
  await pool.query('delete from fhir.binary_content where id = $1 and key = $2 and doomed', [id, key]);
}

/**
 * Those of the keys that no row and no version knows. Rows come before content, so that none of these gets a version. Rows of
 * several tables are compared here: Citus compares none that are sent with those of its shards.
 */
export async function unknownKeys(pool: Pool, keys: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>(
    'select key from fhir.binary_content where key = any($1::text[]) and id = any($2::text[])',
    [keys, keys.map((key) => key.split('_', 1)[0])],
  );
  const known = new Set(rows.map(({ key }) => key));
  // What servers of before have stored is named by its version.
  const named = keys.flatMap((key) => {
    const [, id, version] = (key.includes('_') ? null : /^(.+)-(\d{1,9})$/.exec(key)) ?? [];
    return id === undefined ? [] : [{ id, version }];
  });
  const values = [named.map(({ id }) => id), named.map(({ version }) => version)];
  for (const table of ['"Binary"', '"Binary_history"']) {
    const { rows: versions } = await pool.query<{ id: string; version_id: number }>(
      `select id, version_id from fhir.${table} where id = any($1::text[]) and version_id = any($2::int[])`,
      values,
    );
    for (const { id, version_id: version } of versions) known.add(`${id}-${version}`);
  }
  return keys.filter((key) => !known.has(key));
}

/** SHA-256 of content when it was written; undefined for that of which there is no row. */
export async function writtenDigest(pool: Pool, key: string): Promise<Buffer | undefined> {
  const { rows } = await pool.query<{ sha256: Buffer | null }>(
    'select sha256 from fhir.binary_content where id = $1 and key = $2',
    [key.split('_', 1)[0], key],
  );
  return rows[0]?.sha256 ?? undefined;
}
