/** How many rows carry an index key, from the planner's statistics: enough to tell frequent keys from rare ones. */
import type { Queryable } from '../db/index.ts';
import { hashKey, tableName } from './search-sql/index.ts';

const KEPT_FOR_MS = 60_000;

interface Frequencies {
  readonly rows: number;
  /** Shares of the rows, by the hash of a key. */
  readonly common: ReadonlyMap<string, number>;
  /** Of a key that is not among the common ones: at most this share. */
  readonly otherMax: number;
}

interface Kept {
  readonly until: number;
  readonly frequencies: Promise<Frequencies>;
}

const kept = new WeakMap<object, Map<string, Kept>>();

/** At most so many rows of the type carry one of the keys, as far as the statistics know. */
export async function expectedRows(
  db: Queryable,
  resourceType: string,
  keys: readonly string[],
): Promise<number> {
  const { rows, common, otherMax } = await frequenciesOf(db, resourceType);
  return rows * keys.reduce((sum, key) => sum + (common.get(hashKey(key)) ?? otherMax), 0);
}

/** Rows of the type, as far as the statistics know. */
export const tableRows = async (db: Queryable, resourceType: string): Promise<number> =>
  (await frequenciesOf(db, resourceType)).rows;

function frequenciesOf(db: Queryable, resourceType: string): Promise<Frequencies> {
  const root = db.root ?? db;
  let types = kept.get(root);
  if (!types) kept.set(root, (types = new Map<string, Kept>()));
  const known = types.get(resourceType);
  if (known !== undefined && known.until > Date.now()) return known.frequencies;
  const frequencies = readFrequencies(db.openEnded ?? db, resourceType);
  types.set(resourceType, { until: Date.now() + KEPT_FOR_MS, frequencies });
  frequencies.catch(() => types.delete(resourceType));
  return frequencies;
}

async function readFrequencies(db: Queryable, resourceType: string): Promise<Frequencies> {
  const { rows: found } = await db.query<{ rows: number; keys: string[] | null; shares: number[] | null }>({
    name: 'key frequencies',
    text: `select c.reltuples as rows, s.most_common_elems::text::text[] as keys, s.most_common_elem_freqs as shares
      from pg_class c left join pg_stats s on s.schemaname = 'fhir' and s.tablename = c.relname and s.attname = 'keys'
      where c.oid = $1::regclass`,
    values: [tableName(resourceType)],
  });
  const { rows = 0, keys, shares } = found[0] ?? {};
  const common = new Map((keys ?? []).map((key, i) => [key.replaceAll('-', ''), shares?.[i] ?? 0]));
  // Before the first analysis nothing is known, and the table is small.
  return { rows: Math.max(rows, 0), common, otherMax: Math.min(1, ...common.values()) };
}
