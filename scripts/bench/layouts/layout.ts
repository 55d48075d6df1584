/** The storage layouts that are compared: which tables, columns and indexes each has for a resource type. */
import type { SearchParameterRegistry } from '../../../fhir-server/src/search/index.ts';
import { mainDate, quoteName, rangeColumns } from '../../../fhir-server/src/storage/search-sql/index.ts';

export interface Layout {
  readonly name: string;
  readonly title: string;
  /** Element type of the keys under GIN; `none` where side tables with B-trees take their place. */
  readonly keys: 'uuid' | 'bigint' | 'none';
  readonly fastupdate: boolean;
  /** Kilobytes of the GIN pending list; PostgreSQL's own default is 4096. */
  readonly pendingListKb?: number;
  /** Type of the column that holds the patient, absent where only keys know it. */
  readonly patient?: 'uuid' | 'text';
  /** Whether the patient's compartment is among the keys although there is a patient column. */
  readonly compartmentKey?: boolean;
  /** Whether searches are measured; they are the same for layouts that differ in writing only. */
  readonly searches: boolean;
}

export const LAYOUTS: readonly Layout[] = [
  { name: 'a', title: 'A hashed, fastupdate off', keys: 'uuid', fastupdate: false, searches: true },
  { name: 'a-on', title: 'A hashed, fastupdate on, 4 MB', keys: 'uuid', fastupdate: true, searches: false },
  {
    name: 'a-256',
    title: 'A hashed, fastupdate on, 256 kB',
    keys: 'uuid',
    fastupdate: true,
    pendingListKb: 256,
    searches: false,
  },
  { name: 'a2', title: 'A2 hashed to 64 bits', keys: 'bigint', fastupdate: false, searches: true },
  { name: 'b', title: 'B side tables', keys: 'none', fastupdate: false, searches: true },
  {
    name: 'c',
    title: 'C typed patient column',
    keys: 'uuid',
    fastupdate: false,
    patient: 'uuid',
    searches: true,
  },
  {
    name: 'd',
    title: 'D patient as text, compartment key kept',
    keys: 'uuid',
    fastupdate: false,
    patient: 'text',
    compartmentKey: true,
    searches: true,
  },
];

export const mainTable = (type: string): string => quoteName(type);
export const keyTable = (type: string): string => quoteName(`${type}_key`);
export const rangeTable = (type: string): string => quoteName(`${type}_range`);
export const stringTable = (type: string): string => quoteName(`${type}_string`);

/** Computes in the database what hashKey does here, for joins by key; `key64` is its first half. */
export const FUNCTIONS = `
  create function key128(kind text, param text, value text) returns uuid language sql immutable strict parallel safe
    return encode(substring(sha256(convert_to(kind || chr(10) || param || chr(10) || value, 'UTF8')) for 16), 'hex')::uuid;
  create function key64(kind text, param text, value text) returns bigint language sql immutable strict parallel safe
    return ('x' || encode(substring(sha256(convert_to(kind || chr(10) || param || chr(10) || value, 'UTF8')) for 8), 'hex'))::bit(64)::bigint;
`;

/** Statements that make the tables of a type. */
export function layoutDefinition(type: string, layout: Layout, registry: SearchParameterRegistry): string {
  const main = mainTable(type);
  const base = `create table ${main} (id text collate "C" primary key, version_id integer not null,
    last_updated bigint not null, deleted boolean not null, content text not null)`;
  const strings = `create table ${stringTable(type)} (id text collate "C" not null, param text collate "C" not null,
      value text collate "C" not null, text text);
    create index on ${stringTable(type)} (param, value);
    create index on ${stringTable(type)} (id, param, value)`;
  const index = layout.keys === 'none' ? sideTables(type) : rowIndexes(type, layout, registry);
  return [base, ...index, `create index on ${main} (last_updated, id) where not deleted`, strings].join(
    ';\n',
  );
}

/** A side table needs an index by id too: updates and sorts come from the resource. */
function sideTables(type: string): string[] {
  const keys = keyTable(type);
  const ranges = rangeTable(type);
  return [
    `create table ${keys} (id text collate "C" not null, param smallint not null, hash uuid not null)`,
    `create index on ${keys} (param, hash, id)`,
    `create index on ${keys} (id)`,
    `create table ${ranges} (id text collate "C" not null, param smallint not null, low float8 not null,
      high float8 not null, more jsonb)`,
    `create index on ${ranges} (param, low)`,
    `create index on ${ranges} (id, param)`,
  ];
}

function rowIndexes(type: string, layout: Layout, registry: SearchParameterRegistry): string[] {
  const main = mainTable(type);
  const ranges = rangeColumns(registry, type);
  const columns = ranges.flatMap((c) => [
    `add column ${quoteName(c.lowColumn)} float8`,
    `add column ${quoteName(c.highColumn)} float8`,
    `add column ${quoteName(c.moreColumn)} jsonb`,
  ]);
  const options = [
    `fastupdate = ${layout.fastupdate ? 'on' : 'off'}`,
    ...(layout.pendingListKb === undefined ? [] : [`gin_pending_list_limit = ${layout.pendingListKb}`]),
  ];
  const date = mainDate(registry, type);
  const patient =
    layout.patient === undefined
      ? []
      : [
          `alter table ${main} add column patient ${layout.patient}${layout.patient === 'text' ? ' collate "C"' : ''}`,
          `create index on ${main} (patient${date === undefined ? '' : `, ${quoteName(`${date} hi`)} desc nulls last, id`})
            where patient is not null`,
        ];
  return [
    `alter table ${main} ${[`add column keys ${layout.keys}[] not null`, ...columns].join(', ')}`,
    `create index on ${main} using gin (keys) with (${options.join(', ')})`,
    ...ranges
      .map(({ lowColumn }) => quoteName(lowColumn))
      .map((c) => `create index on ${main} (${c}) where ${c} is not null`),
    ...patient,
  ];
}
