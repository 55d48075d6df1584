/** Distinct displays and uris, written once each. See search-sql/label.ts for what they are for. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterCommit, databaseOf, type PoolClient } from '../db/index.ts';
import type { IndexRow } from '../search/index.ts';
import { hashKey, tableName } from './search-sql/index.ts';
import { statement } from './statement.ts';

/** Labels that this process knows to be in a database; forgotten after an hour, long before a sweep looks at them. */
const KNOWN_MAX = 50_000;
const KNOWN_FOR_MS = 3_600_000;
/** After so many resources other requests get their turn. */
const ROWS_PER_TURN = 1_000;

interface Known {
  readonly names: Set<string>;
  readonly since: number;
}

const knownIn = new WeakMap<object, Known>();

function knownNames(client: PoolClient): Set<string> {
  const database = databaseOf(client);
  let known = knownIn.get(database);
  if (known === undefined || known.names.size > KNOWN_MAX || Date.now() - known.since > KNOWN_FOR_MS)
    knownIn.set(database, (known = { names: new Set(), since: Date.now() }));
  return known.names;
}

interface Row {
  readonly resourceType: string;
  readonly index: Pick<IndexRow, 'labels'>;
}

/** In the transaction of the resources. Sorted, so that two writers of the same labels cannot wait for each other. */
export async function writeLabels(client: PoolClient, rows: readonly Row[]): Promise<void> {
  const known = knownNames(client);
  const fresh = new Map<string, readonly [type: string, param: string, value: string, key: string]>();
  for (const [i, { resourceType, index }] of rows.entries()) {
    if (i % ROWS_PER_TURN === ROWS_PER_TURN - 1) await nextTurn();
    for (const { param, value, key } of index.labels) {
      const name = `${resourceType}\n${key}`;
      if (!known.has(name)) fresh.set(name, [resourceType, param, value, hashKey(key)]);
    }
  }
  if (fresh.size === 0) return;
  const sorted = [...fresh.keys()].sort().map((name) => fresh.get(name)!);
  await client.query({
    name: 'labels',
    text: `insert into fhir.label (resource_type, param, value, key)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::uuid[])
      on conflict (resource_type, param, value) do update set seen_on = current_date
      where label.seen_on < current_date`,
    values: [0, 1, 2, 3].map((i) => sorted.map((row) => row[i])),
  });
  afterCommit(client, () => {
    for (const name of fresh.keys()) known.add(name);
  });
}

/** Days after which a label that nobody wrote is looked at; whoever took it for known wrote it within the last hours. */
const UNSEEN_DAYS = 30;
/** Writers of these labels wait for the sweep. */
const SWEEP_BATCH = 200;

export interface Sweep {
  readonly removed: number;
  /** Whether there may be more. */
  readonly isFull: boolean;
}

/**
 * In a transaction of its own: removes labels that no resource has any more. A label is never missing for a stored
 * resource: who wrote it and has not committed holds its lock, and it is skipped; who writes it later waits for the
 * sweep, and then inserts it. Resources are looked at in a statement after that of the locks, which therefore sees
 * everything that was committed before them; in one statement with them it would not.
 */
export async function sweepLabels(client: PoolClient): Promise<Sweep> {
  // Writers wait for the sweep: it gives way. A frequent key must not make the planner read the table for a rare one.
  await client.query(`set local lock_timeout = '1s'; set local enable_seqscan = off`);
  const { rows } = await client.query<LabelRow>(
    `select resource_type as type, param, value, key from fhir.label where seen_on < current_date - $1::integer
     order by seen_on limit $2 for update skip locked`,
    [UNSEEN_DAYS, SWEEP_BATCH],
  );
  let removed = 0;
  for (const [type, labels] of Map.groupBy(rows, (row) => row.type)) {
    const used = await usedKeys(client, type, labels);
    const [kept, unused] = [true, false].map((is) => labels.filter(({ key }) => used.has(key) === is));
    const taken = `unnest($2::text[], $3::text[]) as u(param, value)
      where l.resource_type = $1 and l.param = u.param and l.value = u.value`;
    const valuesOf = (of: readonly LabelRow[]) => [type, of.map((l) => l.param), of.map((l) => l.value)];
    await client.query(`delete from fhir.label l using ${taken}`, valuesOf(unused!));
    await client.query(`update fhir.label l set seen_on = current_date from ${taken}`, valuesOf(kept!));
    removed += unused!.length;
  }
  return { removed, isFull: rows.length === SWEEP_BATCH };
}

interface LabelRow {
  readonly type: string;
  readonly param: string;
  readonly value: string;
  readonly key: string;
}

/** Those that a resource has: asked one by one, sent together, since Citus looks for no rows of others in those of its shards. */
async function usedKeys(client: PoolClient, type: string, labels: readonly LabelRow[]): Promise<Set<string>> {
  const text = `select from ${tableName(type)} r where r.keys @> array[$1::uuid] limit 1`;
  const answers = await Promise.all(
    labels.map(async ({ key }) => {
      const { rowCount } = await client.query(statement(text, [key]));
      return rowCount === 0 ? [] : [key];
    }),
  );
  return new Set(answers.flat());
}
