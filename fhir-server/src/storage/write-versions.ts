/** Writes of any number of resources in one transaction, with a few statements per type. */
import { randomBytes } from 'node:crypto';
import type { PoolClient } from '../db/index.ts';
import type { Expression, IndexRow, SearchParameterRegistry } from '../search/index.ts';
import { tableName } from './resource-table.ts';
import { compileExpression, encodeIndexRow, rangeColumns } from './search-sql/index.ts';

/** What is known of a resource that is about to change, read under a row lock. */
export interface LockedVersion {
  readonly id: string;
  readonly versionId: number;
  readonly deleted: boolean;
  /** Whether it passes the filter for writing. Deleted resources have no index: only an unrestricted filter passes. */
  readonly permitted: boolean;
}

export interface NewVersion {
  readonly interaction: 'create' | 'update' | 'delete';
  readonly resourceType: string;
  readonly id: string;
  readonly versionId: number;
  readonly lastUpdated: number;
  /** Empty for a deletion. */
  readonly content: string;
  readonly index: IndexRow;
  /** Whether a row of an earlier version exists. */
  readonly replaces: boolean;
}

/** Locks the rows of one type until the end of the transaction, in the order of their ids; unknown ids are absent. */
export async function lockVersions(
  client: PoolClient,
  resourceType: string,
  ids: readonly string[],
  filter: Expression,
): Promise<Map<string, LockedVersion>> {
  const values: unknown[] = [ids];
  const permitted = compileExpression(filter, { resourceType, alias: 'r', values });
  const { rows } = await client.query<{
    id: string;
    version_id: number;
    deleted: boolean;
    permitted: boolean | null;
  }>(
    `select r.id, r.version_id, r.deleted, (${permitted}) as permitted from ${tableName(resourceType)} r
     where r.id = any($1::text[]) order by r.id for update`,
    values,
  );
  return new Map(
    rows.map((row) => [
      row.id,
      { id: row.id, versionId: row.version_id, deleted: row.deleted, permitted: row.permitted === true },
    ]),
  );
}

/** Stores new versions with their index, keeps the superseded ones and records the events. Ids are distinct per type. */
export async function writeVersions(
  client: PoolClient,
  registry: SearchParameterRegistry,
  versions: readonly NewVersion[],
): Promise<void> {
  const byType = Map.groupBy(versions, (v) => v.resourceType);
  for (const resourceType of [...byType.keys()].sort()) {
    await writeType(client, registry, resourceType, byType.get(resourceType) ?? []);
  }
  await recordEvents(client, versions);
}

async function writeType(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  versions: readonly NewVersion[],
): Promise<void> {
  const table = tableName(resourceType);
  const strings = tableName(resourceType, '_string');
  const replaced = versions.filter((v) => v.replaces).map((v) => v.id);
  if (replaced.length > 0) {
    await client.query({
      name: `supersede ${resourceType}`,
      text: `insert into ${tableName(resourceType, '_history')} (id, version_id, last_updated, deleted, content)
        select id, version_id, last_updated, deleted, content from ${table} where id = any($1::text[])`,
      values: [replaced],
    });
    // Only an update in place keeps the row lock that other writers wait for: the row is changed, not replaced.
    await client.query({
      name: `drop strings ${resourceType}`,
      text: `delete from ${strings} where id = any($1::text[])`,
      values: [replaced],
    });
  }
  for (const isReplacement of [false, true]) {
    const part = versions.filter((v) => v.replaces === isReplacement);
    if (part.length > 0) await putRows(client, registry, resourceType, part, isReplacement);
  }
  const values = versions.flatMap((v) => v.index.strings.map((s) => ({ id: v.id, ...s })));
  if (values.length === 0) return;
  await client.query({
    name: `strings ${resourceType}`,
    text: `insert into ${strings} (id, param, value) select * from unnest($1::text[], $2::text[], $3::text[])`,
    values: [values.map((s) => s.id), values.map((s) => s.param), values.map((s) => s.value)],
  });
}

/** Inserts new rows (a second writer of the same id fails with a unique violation) or changes locked ones. */
async function putRows(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  versions: readonly NewVersion[],
  isReplacement: boolean,
): Promise<void> {
  const columns = ['id', 'version_id', 'last_updated', 'deleted', 'content', 'keys'];
  const types = ['text', 'integer', 'bigint', 'boolean', 'text', 'text'];
  const encoded = versions.map((v) => encodeIndexRow(v.index));
  const values: unknown[][] = [
    versions.map((v) => v.id),
    versions.map((v) => v.versionId),
    versions.map((v) => v.lastUpdated),
    versions.map((v) => v.interaction === 'delete'),
    versions.map((v) => v.content),
    encoded.map((e) => e.keys),
  ];
  for (const range of rangeColumns(registry, resourceType)) {
    columns.push(range.lowColumn, range.highColumn, range.moreColumn);
    types.push('float8', 'float8', 'text');
    values.push(
      encoded.map((e) => e.ranges[range.param]?.low ?? null),
      encoded.map((e) => e.ranges[range.param]?.high ?? null),
      encoded.map((e) => e.ranges[range.param]?.more ?? null),
    );
  }
  const names = columns.map((c) => `"${c.replaceAll('"', '""')}"`);
  const casts = columns.map(
    (c, i) => `u.c${i}${c === 'keys' ? '::uuid[]' : c.endsWith(' more') ? '::jsonb' : ''}`,
  );
  const source = `unnest(${types.map((t, i) => `$${i + 1}::${t}[]`).join(', ')}) as u(${columns.map((_, i) => `c${i}`).join(', ')})`;
  const table = tableName(resourceType);
  await client.query({
    name: `${isReplacement ? 'replace' : 'insert'} ${resourceType}`,
    text: isReplacement
      ? `update ${table} r set (${names.slice(1).join(', ')}) = row(${casts.slice(1).join(', ')}) from ${source} where r.id = u.c0`
      : `insert into ${table} (${names.join(', ')}) select ${casts.join(', ')} from ${source}`,
    values,
  });
}

async function recordEvents(client: PoolClient, versions: readonly NewVersion[]): Promise<void> {
  await client.query({
    name: 'record events',
    text: `insert into outbox (id, resource_type, resource_id, version_id, interaction)
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[])`,
    values: [
      versions.map((v) => uuidV7(v.lastUpdated)),
      versions.map((v) => v.resourceType),
      versions.map((v) => v.id),
      versions.map((v) => v.versionId),
      versions.map((v) => v.interaction),
    ],
  });
}

/** RFC 9562 section 5.7: 48 bits of milliseconds, then random. */
export function uuidV7(milliseconds: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
