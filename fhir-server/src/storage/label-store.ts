/** Distinct displays and uris, written once each. See search-sql/label.ts for what they are for. */
import { afterCommit, type PoolClient } from '../db/index.ts';
import type { IndexRow } from '../search/index.ts';
import { hashKey } from './search-sql/index.ts';

/** Labels that this process knows to be in the table; forgotten after an hour, long before the worker removes unused ones. */
const KNOWN_MAX = 50_000;
const KNOWN_FOR_MS = 3_600_000;
let known = new Set<string>();
let knownSince = Date.now();

interface Row {
  readonly resourceType: string;
  readonly index: Pick<IndexRow, 'labels'>;
}

/** In the transaction of the resources. Sorted, so that two writers of the same labels cannot wait for each other. */
export async function writeLabels(client: PoolClient, rows: readonly Row[]): Promise<void> {
  if (known.size > KNOWN_MAX || Date.now() - knownSince > KNOWN_FOR_MS) {
    known = new Set();
    knownSince = Date.now();
  }
  const fresh = new Map<string, readonly [type: string, param: string, value: string, key: string]>();
  for (const { resourceType, index } of rows)
    for (const { param, value, key } of index.labels) {
      const name = `${resourceType}\n${key}`;
      if (!known.has(name)) fresh.set(name, [resourceType, param, value, hashKey(key)]);
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
  const set = known;
  afterCommit(client, () => {
    for (const name of fresh.keys()) set.add(name);
  });
}
