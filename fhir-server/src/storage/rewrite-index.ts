/** Gives stored resources the index that the present search parameters want; versions, content and events stay. */
import { binaryArray, isDistributed, type PoolClient } from '../db/index.ts';
import type { IndexRow, SearchParameterRegistry } from '../search/index.ts';
import { writeLabels } from './label-store.ts';
import { lockInTurn } from './lock-versions.ts';
import { encodeIndexRow, quoteName, tableName } from './search-sql/index.ts';
import { columnsOf, ofSentIds, toWords, type NewVersion } from './write-versions.ts';

export interface StoredContent {
  readonly id: string;
  readonly content: string;
}

/** Not part of the index. */
const STATE = new Set(['version_id', 'last_updated', 'deleted', 'content']);

export interface ContentPage {
  readonly contents: readonly StoredContent[];
  /** The id behind which the next page starts, when there may be one. */
  readonly next?: string;
}

/**
 * The next resources of a type by id, at most `limit`, with their rows locked until the end of the transaction: a writer
 * of one of them waits, and what he writes comes after. `since`: only those written then or later, in ms.
 */
export async function lockContents(
  client: PoolClient,
  resourceType: string,
  page: { readonly after: string; readonly since: number | undefined; readonly limit: number },
): Promise<ContentPage> {
  const table = tableName(resourceType);
  const chosen = `from ${table} where id > $1 and not deleted and ($2::bigint is null or last_updated >= $2) order by id limit $3`;
  const values = [page.after, page.since ?? null, page.limit];
  if (!isDistributed(client)) {
    const { rows } = await client.query<StoredContent>(`select id, content ${chosen} for update`, values);
    return { contents: rows, ...nextOf(rows, page.limit) };
  }
  const { rows } = await client.query<Pick<StoredContent, 'id'>>(`select id ${chosen}`, values);
  const ids = rows.map(({ id }) => id);
  // One that was deleted since it was chosen has no index to be rewritten.
  const text = `select id, content from ${table} where id = $1 and not deleted for update`;
  return { contents: await lockInTurn<StoredContent>(client, text, ids), ...nextOf(rows, page.limit) };
}

const nextOf = (rows: readonly { readonly id: string }[], limit: number): { next?: string } =>
  rows.length < limit ? {} : { next: rows.at(-1)!.id };

export async function countContents(client: PoolClient, resourceType: string): Promise<number> {
  const text = `select count(*) as count from ${tableName(resourceType)} where not deleted`;
  const { rows } = await client.query<{ count: number }>(text);
  return rows[0]?.count ?? 0;
}

/** The rows must be locked. */
export async function rewriteIndex(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  rows: readonly { readonly id: string; readonly index: IndexRow }[],
): Promise<void> {
  if (rows.length === 0) return;
  // Before anything is awaited: a change of the registry must not come between the index and its columns.
  const update = updateStatement(client, registry, resourceType, rows);
  const table = tableName(resourceType, '_string');
  const ids = rows.map((row) => row.id);
  await client.query(`delete from ${table} where id = any($1::text[])`, [binaryArray('text', ids)]);
  await client.query(update);
  const strings = rows.flatMap(({ id, index }) => index.strings.map((s) => ({ id, ...s })));
  if (strings.length > 0)
    await client.query(
      `insert into ${table} (id, param, value, text) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
      (['id', 'param', 'value', 'text'] as const).map((name) =>
        binaryArray(
          'text',
          strings.map((s) => s[name]),
        ),
      ),
    );
  await writeLabels(
    client,
    rows.map(({ index }) => ({ resourceType, index })),
  );
}

function updateStatement(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  rows: readonly { readonly id: string; readonly index: IndexRow }[],
): { text: string; values: unknown[] } {
  const encoded = rows.map((row) => encodeIndexRow(row.index));
  const columns = columnsOf(registry, resourceType).filter((c) => !STATE.has(c.name));
  const count = columns.length;
  const versions = rows.map((row) => ({ ...NO_VERSION, resourceType, ...row }));
  const values = [
    ...columns.map((c) =>
      binaryArray(
        c.type,
        versions.map((v, i) => c.of(v, encoded[i]!)),
      ),
    ),
    ...(['narrative', 'content'] as const).map((part) =>
      binaryArray(
        'text',
        rows.map(({ index }) => index.words[part] || null),
      ),
    ),
  ];
  const types = [...columns.map((c) => c.type), 'text', 'text'];
  const names = [...columns.map((c) => quoteName(c.name)), 'words'];
  const casts = [
    ...columns.map((c, i) => (c.cast ? c.cast(`u.c${i}`) : `u.c${i}`)),
    toWords(`u.c${count}`, `u.c${count + 1}`),
  ];
  const source = `unnest(${types.map((t, i) => `$${i + 1}::${t}[]`).join(', ')}) as u(${types.map((_, i) => `c${i}`).join(', ')})`;
  const text = `update ${tableName(resourceType)} r set (${names.slice(1).join(', ')}) = row(${casts.slice(1).join(', ')})
    from ${source} where r.id = u.c0${ofSentIds(client, 'r')}`;
  return { text, values };
}

/** What a version is beyond id and index does not go into the index's columns. */
const NO_VERSION: Omit<NewVersion, 'resourceType' | 'id' | 'index'> = {
  interaction: 'update',
  versionId: 0,
  lastUpdated: 0,
  content: '',
  replaces: true,
};
