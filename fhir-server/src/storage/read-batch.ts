/** Reads of single resources that are asked for at the same moment become one statement. */
import { isDistributed, type Queryable } from '../db/index.ts';
import { type Context, isTracing, together, tracedContext } from '../platform/tracing.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';
import { VERSION_COLUMNS, type VersionRow } from './stored-version.ts';

interface Batch {
  readonly rows: Promise<Map<string, VersionRow>>;
  readonly ids: Set<string>;
  /** Of the traces that readers belong to. */
  readonly traced: Context[] | undefined;
}

/** By type, or by the right of whoever asks, which is one object for as long as he is known. */
type BatchKey = string | Expression;

const waiting = new WeakMap<Queryable, Map<BatchKey, Batch>>();

/**
 * The current row of a resource, if it passes the filter. It is read after the call, never before, so that whoever was told of a write reads it.
 * Without other readers it waits for nothing but the end of this turn of the event loop.
 */
export async function readInBatch(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  id: string,
  filter: Expression,
): Promise<VersionRow | undefined> {
  const key = filter.kind === 'all' ? resourceType : filter;
  let batches = waiting.get(db);
  if (!batches) waiting.set(db, (batches = new Map<BatchKey, Batch>()));
  let batch = batches.get(key);
  if (!batch) {
    const ids = new Set<string>();
    const { promise: rows, resolve } = Promise.withResolvers<Map<string, VersionRow>>();
    const traced: Context[] | undefined = isTracing() ? [] : undefined;
    batches.set(key, (batch = { rows, ids, traced }));
    setImmediate(() => {
      waiting.get(db)?.delete(key);
      if (traced === undefined) resolve(readRows(db, registry, resourceType, ids, filter));
      else
        resolve(together('read together', traced, () => readRows(db, registry, resourceType, ids, filter)));
    });
  }
  batch.ids.add(id);
  if (batch.traced) {
    const traced = tracedContext();
    if (traced) batch.traced.push(traced);
  }
  return (await batch.rows).get(id);
}

async function readRows(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  ids: ReadonlySet<string>,
  filter: Expression,
): Promise<Map<string, VersionRow>> {
  const select = `select ${VERSION_COLUMNS} from ${tableName(resourceType)} r where r.id = any($1::text[])`;
  if (filter.kind === 'all') {
    const { rows } = await db.query<VersionRow>({
      name: `read ${resourceType}`,
      text: select,
      values: [[...ids]],
    });
    return toMap(rows);
  }
  let condition = conditions.get(filter);
  if (!condition) {
    const values: unknown[] = [undefined];
    const text = `${select} and ${compileExpression(filter, { resourceType, registry, alias: 'r', values, isDistributed: isDistributed(db), rows: { alias: 'r', among: (id) => `${id} = any($1::text[])` } })}`;
    conditions.set(filter, (condition = { text, values: values.slice(1) }));
  }
  const { rows } = await db.query<VersionRow>(statement(condition.text, [[...ids], ...condition.values]));
  return toMap(rows);
}

/** Rights live as long as whose they are is kept; they are compiled once. */
const conditions = new WeakMap<Expression, { readonly text: string; readonly values: readonly unknown[] }>();

const toMap = (rows: readonly VersionRow[]): Map<string, VersionRow> =>
  new Map(rows.map((row) => [row.id, row]));
