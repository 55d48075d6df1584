/** Which code systems are in tables. */
import { type Pool, type Queryable, withTransaction } from '../../db/index.ts';
import { dropTables } from './build-tables.ts';

export interface TableEntry {
  readonly url: string;
  /** '' for none. */
  readonly version: string;
  readonly concepts: number;
  /** Undefined for a load that is not finished. */
  readonly loadedAt: Date | undefined;
}

export async function listTables(db: Queryable): Promise<readonly TableEntry[]> {
  const { rows } = await db.query<Omit<TableEntry, 'loadedAt'> & { readonly loadedAt: Date | null }>(
    `select url, version, concept_count as concepts, loaded_at as "loadedAt"
     from terminology.code_system order by url, version, id`,
  );
  return rows.map((row) => ({ ...row, loadedAt: row.loadedAt ?? undefined }));
}

/** Answers whether it was there. What is left of a load that was broken off goes, too. */
export const removeTable = (pool: Pool, url: string, version: string): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      'select id from terminology.code_system where url = $1 and version = $2',
      [url, version],
    );
    await dropTables(
      client,
      rows.map(({ id }) => id),
    );
    return rows.length > 0;
  });
