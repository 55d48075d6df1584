/**
 * The tables of a resource type, made when the type is first written: current versions, superseded versions and
 * string values. Column by column in docs/architecture.md.
 */
import { withTransaction, type Pool } from '../db/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import { rangeColumns } from './search-sql/index.ts';

const TABLE_LOCK = 8104;

export const tableName = (resourceType: string, suffix = ''): string => `fhir."${resourceType}${suffix}"`;

/** Resource types come from the definitions; this keeps a name that does not from ever reaching a statement. */
function assertTypeName(resourceType: string): void {
  if (!/^[A-Z][A-Za-z]{1,60}$/.test(resourceType)) throw new RangeError('not the name of a resource type');
}

export interface ResourceTables {
  /** Makes the tables of these types where they are missing. Concurrent callers wait for each other. */
  ensure(resourceTypes: Iterable<string>): Promise<void>;
  /** Whether the type has ever been written; one that has not holds nothing to find. */
  exists(resourceType: string): Promise<boolean>;
  /** Those of the types that have ever been written. */
  existing(resourceTypes: readonly string[]): Promise<string[]>;
}

export function createResourceTables(pool: Pool, registry: SearchParameterRegistry): ResourceTables {
  const known = new Set<string>();
  const exists = async (resourceType: string): Promise<boolean> => {
    if (known.has(resourceType)) return true;
    assertTypeName(resourceType);
    const { rows } = await pool.query<{ present: boolean }>({
      name: 'table_exists',
      text: 'select to_regclass($1) is not null as present',
      values: [tableName(resourceType)],
    });
    if (rows[0]?.present === true) known.add(resourceType);
    return known.has(resourceType);
  };
  return {
    exists,
    async existing(resourceTypes) {
      const open = resourceTypes.filter((type) => !known.has(type));
      for (const type of open) assertTypeName(type);
      if (open.length > 0) {
        const { rows } = await pool.query<{ type: string }>({
          name: 'tables_exist',
          text: 'select type from unnest($1::text[], $2::text[]) as u(type, name) where to_regclass(name) is not null',
          values: [open, open.map((type) => tableName(type))],
        });
        for (const { type } of rows) known.add(type);
      }
      return resourceTypes.filter((type) => known.has(type));
    },
    async ensure(resourceTypes) {
      for (const resourceType of new Set(resourceTypes)) {
        if (await exists(resourceType)) continue;
        await withTransaction(pool, async (client) => {
          await client.query('select pg_advisory_xact_lock($1)', [TABLE_LOCK]);
          await client.query(tableDefinition(resourceType, registry));
        });
        known.add(resourceType);
      }
    },
  };
}

function tableDefinition(resourceType: string, registry: SearchParameterRegistry): string {
  const table = tableName(resourceType);
  const strings = tableName(resourceType, '_string');
  const columns = rangeColumns(registry, resourceType);
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const index = (suffix: string): string => quoted(`${resourceType} ${suffix}`.slice(0, 60));
  return `
create table if not exists ${table} (
  id text collate "C" primary key,
  version_id integer not null,
  last_updated bigint not null,
  deleted boolean not null,
  content text not null,
  keys uuid[] not null
  ${columns.map((c) => `, ${quoted(c.lowColumn)} float8, ${quoted(c.highColumn)} float8, ${quoted(c.moreColumn)} jsonb`).join('')}
);
create table if not exists ${tableName(resourceType, '_history')} (
  id text collate "C",
  version_id integer,
  last_updated bigint not null,
  deleted boolean not null,
  content text not null,
  primary key (id, version_id)
);
create table if not exists ${strings} (
  id text collate "C" not null,
  param text collate "C" not null,
  value text collate "C" not null
);
create index if not exists ${index('keys')} on ${table} using gin (keys);
create index if not exists ${index('updated')} on ${table} (last_updated, id) where not deleted;
create index if not exists ${index('deletions')} on ${table} (last_updated, id) where deleted;
create index if not exists ${index('superseded')} on ${tableName(resourceType, '_history')} (last_updated, id, version_id);
create index if not exists ${index('strings')} on ${strings} (param, value);
create index if not exists ${index('string ids')} on ${strings} (id, param, value);
${columns.map((c) => `create index if not exists ${index(c.lowColumn)} on ${table} (${quoted(c.lowColumn)}) where ${quoted(c.lowColumn)} is not null;`).join('\n')}
`;
}
