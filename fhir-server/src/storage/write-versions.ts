/** Writes of any number of resources in one transaction, with a few statements per type. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  binaryArray,
  type ElementType,
  isDistributed,
  type PoolClient,
  type QueryConfig,
  sendAll,
} from '../db/index.ts';
import type { IndexRow, SearchParameterRegistry } from '../search/index.ts';
import { eventStatement } from './event-statement.ts';
import { writeLabels } from './label-store.ts';
import {
  encodeIndexRow,
  type EncodedIndexRow,
  hasElements,
  linkColumns,
  quoteName,
  rangeColumns,
  tableName,
} from './search-sql/index.ts';

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
  /** Where in a trace the write was asked for, or null for nowhere; left out: where it is stored. */
  readonly traceparent?: string | null;
}

/** So many resources are encoded and sent before other requests get their turn: some tens of milliseconds at most. */
const ROWS_PER_TURN = 100;
const EVENTS_PER_TURN = 2_000;
/** Types with fewer are sent without a pause. */
const ROWS_WITHOUT_PAUSE = 40;

/**
 * Stores new versions with their index, keeps the superseded ones and records the events, unless nobody shall hear of them.
 * Ids are distinct per type.
 */
export async function writeVersions(
  client: PoolClient,
  registry: SearchParameterRegistry,
  versions: readonly NewVersion[],
  { isSilent = false }: { readonly isSilent?: boolean } = {},
): Promise<void> {
  if (versions.length === 0) return;
  const byType = Map.groupBy(versions, (v) => v.resourceType);
  const sent: Promise<void>[] = [];
  const send = (statements: readonly QueryConfig[]): void => {
    const done = sendAll(client, statements);
    // The first error is thrown below, when all are sent.
    done.catch(() => undefined);
    sent.push(done);
  };
  for (const resourceType of [...byType.keys()].sort()) {
    const rows = byType.get(resourceType) ?? [];
    for (let i = 0; i < rows.length; i += ROWS_PER_TURN) {
      send(typeStatements(client, registry, resourceType, rows.slice(i, i + ROWS_PER_TURN)));
      if (rows.length >= ROWS_WITHOUT_PAUSE) await nextTurn();
    }
  }
  sent.push(writeLabels(client, versions));
  for (let i = 0; i < versions.length && !isSilent; i += EVENTS_PER_TURN) {
    if (i > 0) await nextTurn();
    send([eventStatement(versions.slice(i, i + EVENTS_PER_TURN))]);
  }
  await Promise.all(sent);
}

function typeStatements(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  versions: readonly NewVersion[],
): QueryConfig[] {
  const table = tableName(resourceType);
  const strings = tableName(resourceType, '_string');
  const replaced = versions.filter((v) => v.replaces);
  const fresh = versions.filter((v) => !v.replaces);
  const values = versions.flatMap((v) => v.index.strings.map((s) => ({ id: v.id, ...s })));
  const ids = [
    binaryArray(
      'text',
      replaced.map((v) => v.id),
    ),
  ];
  const replacement: QueryConfig[] =
    replaced.length === 0
      ? []
      : [
          {
            name: `supersede ${resourceType}`,
            text: `insert into ${tableName(resourceType, '_history')} (id, version_id, last_updated, deleted, content)
              select id, version_id, last_updated, deleted, content from ${table} where id = any($1::text[])`,
            values: ids,
          },
          // Only an update in place keeps the row lock that other writers wait for: the row is changed, not replaced.
          {
            name: `drop strings ${resourceType}`,
            text: `delete from ${strings} where id = any($1::text[])`,
            values: ids,
          },
          rowStatement(client, registry, resourceType, replaced, true),
        ];
  return [
    ...replacement,
    ...(fresh.length === 0 ? [] : [rowStatement(client, registry, resourceType, fresh, false)]),
    ...(values.length === 0 ? [] : [stringStatement(resourceType, strings, values)]),
  ];
}

interface StringRow {
  readonly id: string;
  readonly param: string;
  readonly value: string;
  readonly text: string;
}

const stringStatement = (resourceType: string, table: string, values: readonly StringRow[]): QueryConfig => ({
  name: `strings ${resourceType}`,
  text: `insert into ${table} (id, param, value, text) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
  values: (['id', 'param', 'value', 'text'] as const).map((name) =>
    binaryArray(
      'text',
      values.map((s) => s[name]),
    ),
  ),
});

/** A column of a type's table: its value in each row, and how it gets from the bound array into the column. */
export interface Column {
  readonly name: string;
  /** Type of the bound array's elements. */
  readonly type: ElementType;
  readonly of: (version: NewVersion, row: EncodedIndexRow) => unknown;
  /** From the unnested value to the column's. */
  readonly cast?: (value: string) => string;
}

const columnsByType = new WeakMap<
  SearchParameterRegistry,
  { revision: number; columns: Map<string, Column[]> }
>();

/** The statement's columns in their order; kept, since they change only with the registry. */
export function columnsOf(registry: SearchParameterRegistry, resourceType: string): Column[] {
  let kept = columnsByType.get(registry);
  if (kept?.revision !== registry.revision)
    columnsByType.set(registry, (kept = { revision: registry.revision, columns: new Map() }));
  let columns = kept.columns.get(resourceType);
  if (!columns) kept.columns.set(resourceType, (columns = makeColumns(registry, resourceType)));
  return columns;
}

/** Lexemes of the narrative carry weight A, so that `_text` can tell them from the rest. */
export const toWords = (narrative: string, content: string): string =>
  `case when ${narrative} is null and ${content} is null then null else
    setweight(to_tsvector('english', coalesce(${narrative}, '')), 'A') || to_tsvector('english', coalesce(${content}, '')) end`;

const json = (value: string): string => `${value}::jsonb`;

const ELEMENTS: Column = { name: 'elements', type: 'text', of: (_v, row) => row.elements, cast: json };

function makeColumns(registry: SearchParameterRegistry, resourceType: string): Column[] {
  return [
    { name: 'id', type: 'text', of: (v) => v.id },
    { name: 'version_id', type: 'integer', of: (v) => v.versionId },
    { name: 'last_updated', type: 'bigint', of: (v) => v.lastUpdated },
    { name: 'deleted', type: 'boolean', of: (v) => v.interaction === 'delete' },
    { name: 'content', type: 'text', of: (v) => v.content },
    { name: 'keys', type: 'text', of: (_v, row) => row.keys, cast: (value) => `${value}::uuid[]` },
    ...linkColumns(registry, resourceType).map((link): Column => ({
      name: link,
      type: 'text',
      of: (_v, row) => row.links[link] ?? null,
    })),
    ...(hasElements(registry, resourceType) ? [ELEMENTS] : []),
    ...rangeColumns(registry, resourceType).flatMap(
      ({ param, lowColumn, highColumn, moreColumn }): Column[] => [
        { name: lowColumn, type: 'float8', of: (_v, row) => row.ranges[param]?.low ?? null },
        { name: highColumn, type: 'float8', of: (_v, row) => row.ranges[param]?.high ?? null },
        { name: moreColumn, type: 'text', of: (_v, row) => row.ranges[param]?.more ?? null, cast: json },
      ],
    ),
  ];
}

/** Where tables are distributed, ids as a condition tell Citus which shards are concerned; a join with what is sent does not. */
export const ofSentIds = (client: PoolClient, alias: string): string =>
  isDistributed(client) ? ` and ${alias}.id = any($1::text[])` : '';

/** Inserts new rows (a second writer of the same id fails with a unique violation) or changes locked ones. */
function rowStatement(
  client: PoolClient,
  registry: SearchParameterRegistry,
  resourceType: string,
  versions: readonly NewVersion[],
  isReplacement: boolean,
): QueryConfig {
  const rows = versions.map((v) => encodeIndexRow(v.index));
  const columns = columnsOf(registry, resourceType);
  const words = [
    versions.map((v) => v.index.words.narrative || null),
    versions.map((v) => v.index.words.content || null),
  ];
  const values = [
    ...columns.map((c) =>
      binaryArray(
        c.type,
        versions.map((v, i) => c.of(v, rows[i]!)),
      ),
    ),
    ...words.map((texts) => binaryArray('text', texts)),
  ];
  const names = [...columns.map((c) => quoteName(c.name)), 'words'];
  const count = columns.length;
  const casts = [
    ...columns.map((c, i) => (c.cast ? c.cast(`u.c${i}`) : `u.c${i}`)),
    toWords(`u.c${count}`, `u.c${count + 1}`),
  ];
  const types = [...columns.map((c) => c.type), 'text', 'text'];
  const source = `unnest(${types.map((t, i) => `$${i + 1}::${t}[]`).join(', ')}) as u(${types.map((_, i) => `c${i}`).join(', ')})`;
  const table = tableName(resourceType);
  return {
    name: `${isReplacement ? 'replace' : 'insert'} ${resourceType} ${registry.revision}`,
    text: isReplacement
      ? `update ${table} r set (${names.slice(1).join(', ')}) = row(${casts.slice(1).join(', ')}) from ${source} where r.id = u.c0${ofSentIds(client, 'r')}`
      : `insert into ${table} (${names.join(', ')}) select ${casts.join(', ')} from ${source}`,
    values,
  };
}
