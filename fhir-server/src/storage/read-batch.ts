/** Reads of single resources that are asked for at the same moment become one statement. */
import type { Queryable } from '../db/index.ts';
import { tableName } from './search-sql/index.ts';
import { VERSION_COLUMNS, type VersionRow } from './stored-version.ts';

interface Batch {
  readonly rows: Promise<Map<string, VersionRow>>;
  readonly ids: Set<string>;
}

const waiting = new WeakMap<Queryable, Map<string, Batch>>();

/**
 * The current row of a resource. It is read after the call, never before, so that whoever was told of a write reads it.
 * Without other readers it waits for nothing but the end of this turn of the event loop.
 */
export async function readInBatch(
  db: Queryable,
  resourceType: string,
  id: string,
): Promise<VersionRow | undefined> {
  let batches = waiting.get(db);
  if (!batches) waiting.set(db, (batches = new Map<string, Batch>()));
  let batch = batches.get(resourceType);
  if (!batch) {
    const ids = new Set<string>();
    const { promise: rows, resolve } = Promise.withResolvers<Map<string, VersionRow>>();
    batches.set(resourceType, (batch = { rows, ids }));
    setImmediate(() => {
      waiting.get(db)?.delete(resourceType);
      resolve(readRows(db, resourceType, ids));
    });
  }
  batch.ids.add(id);
  return (await batch.rows).get(id);
}

async function readRows(
  db: Queryable,
  resourceType: string,
  ids: ReadonlySet<string>,
): Promise<Map<string, VersionRow>> {
  const { rows } = await db.query<VersionRow>({
    name: `read ${resourceType}`,
    text: `select ${VERSION_COLUMNS} from ${tableName(resourceType)} r where r.id = any($1::text[])`,
    values: [[...ids]],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
