/** The definition of a resource type's tables: current versions, superseded versions and string values. */
import { createHash } from 'node:crypto';
import type { SearchParameterRegistry } from '../search/index.ts';
import {
  hasElements,
  linkColumns,
  mainDate,
  quoteName,
  rangeColumns,
  tableName,
} from './search-sql/index.ts';

/** To be raised when resources are indexed in another way: types with an older form are indexed anew. */
export const INDEX_FORM = 4;

/** PostgreSQL cuts names at 63 bytes; two long ones must not become the same. */
const NAME_MAX = 60;

function indexName(resourceType: string, suffix: string): string {
  const name = `${resourceType} ${suffix}`;
  if (name.length <= NAME_MAX) return quoteName(name);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return quoteName(`${name.slice(0, NAME_MAX - digest.length - 1)} ${digest}`);
}

/** Hot tables grow fast at first: the planner needs to know soon, and dead rows of updates go soon. */
const STORAGE_OPTIONS =
  'toast_tuple_target = 8160, autovacuum_analyze_scale_factor = 0.05, autovacuum_analyze_threshold = 200, autovacuum_vacuum_scale_factor = 0.1';

/**
 * GIN indexes gather new entries in a list before they sort them in: that halves the price of a write. Each search reads
 * the list too, so that it is kept short (kB; PostgreSQL's own limit is 4 MB).
 */
const KEYS_PENDING_KB = 64;
const TEXT_PENDING_KB = 256;

const storageStatement = (table: string): string =>
  `alter table ${table} alter column content set storage external`;

/** Those of the statements that Citus takes for tables that it has distributed: there, storage was set before that. */
export const ofDistributed = (resourceType: string, definition: string): string =>
  definition.replace(`${storageStatement(tableName(resourceType))};\n`, '');

/** Current versions, superseded ones and strings: what `tableDefinition` makes. */
export const tablesOf = (resourceType: string): string[] =>
  ['', '_history', '_string'].map((suffix) => tableName(resourceType, suffix));

/** Statements that make the tables, and add to existing ones what they lack. They may be repeated. */
export function tableDefinition(resourceType: string, registry: SearchParameterRegistry): string {
  const table = tableName(resourceType);
  const strings = tableName(resourceType, '_string');
  const index = (suffix: string): string => indexName(resourceType, suffix);
  return [
    `create table if not exists ${table} (
      id text collate "C" primary key,
      version_id integer not null,
      last_updated bigint not null,
      deleted boolean not null,
      content text not null,
      keys uuid[] not null
    ) with (${STORAGE_OPTIONS})`,
    // Compressed, each row of a page costs some 10 µs to read and more to write; whole rows of up to 8 kB stay in their page.
    storageStatement(table),
    `alter table ${table} ${optionalColumns(resourceType, registry)}`,
    `create table if not exists ${tableName(resourceType, '_history')} (
      id text collate "C",
      version_id integer,
      last_updated bigint not null,
      deleted boolean not null,
      content text not null,
      primary key (id, version_id)
    )`,
    `create table if not exists ${strings} (
      id text collate "C" not null,
      param text collate "C" not null,
      value text collate "C" not null
    )`,
    `alter table ${strings} add column if not exists text text`,
    `create index if not exists ${index('keys')} on ${table} using gin (keys) with (gin_pending_list_limit = ${KEYS_PENDING_KB})`,
    `create index if not exists ${index('words')} on ${table} using gin (words) with (gin_pending_list_limit = ${TEXT_PENDING_KB}) where words is not null`,
    `create index if not exists ${index('updated')} on ${table} (last_updated, id) where not deleted`,
    `create index if not exists ${index('deletions')} on ${table} (last_updated, id) where deleted`,
    `create index if not exists ${index('superseded')} on ${tableName(resourceType, '_history')} (last_updated, id, version_id)`,
    `create index if not exists ${index('strings')} on ${strings} (param, value)`,
    `create index if not exists ${index('string ids')} on ${strings} (id, param, value)`,
    `create index if not exists ${index('trigrams')} on ${strings} using gin (value gin_trgm_ops) with (gin_pending_list_limit = ${TEXT_PENDING_KB})`,
    ...linkIndexes(resourceType, registry, index),
    // From a resource whose type has several references to Patients to these (search-sql/relation.ts).
    ...(resourceType === 'Patient'
      ? [
          `create index if not exists ${index('compartment')} on ${table} (fhir.compartment_key('Patient', id))`,
        ]
      : []),
    ...rangeIndexes(resourceType, registry, index),
  ].join(';\n');
}

function optionalColumns(resourceType: string, registry: SearchParameterRegistry): string {
  const columns = [
    'words tsvector',
    ...linkColumns(registry, resourceType).map((link) => `${link} text collate "C"`),
    ...(hasElements(registry, resourceType) ? ['elements jsonb'] : []),
    ...rangeColumns(registry, resourceType).flatMap(({ lowColumn, highColumn, moreColumn }) => [
      `${quoteName(lowColumn)} float8`,
      `${quoteName(highColumn)} float8`,
      `${quoteName(moreColumn)} jsonb`,
    ]),
  ];
  return columns.map((column) => `add column if not exists ${column}`).join(', ');
}

/**
 * Both ends of a range, since each prefix asks for one of them, and what is more than one narrow value apart. Dates are
 * sorted by too, so that their indexes hold every row, in the order of a page.
 */
function rangeIndexes(
  resourceType: string,
  registry: SearchParameterRegistry,
  index: (suffix: string) => string,
): string[] {
  const table = tableName(resourceType);
  const create = (suffix: string, columns: string, where = ''): string =>
    `create index if not exists ${index(suffix)} on ${table} (${columns})${where}`;
  return rangeColumns(registry, resourceType).flatMap(({ kind, lowColumn, highColumn, moreColumn }) => {
    const [low, high, more] = [lowColumn, highColumn, moreColumn].map(quoteName) as [string, string, string];
    const isFilled = ` where ${low} is not null`;
    if (kind === 'position') return [create(lowColumn, low, isFilled)];
    return [
      ...(kind === 'date'
        ? [
            // Of an older version, without the rows that have no date.
            `drop index if exists fhir.${index(lowColumn)}`,
            create(`${lowColumn} order`, low),
            create(highColumn, `${high} desc nulls last`),
          ]
        : [create(lowColumn, low, isFilled), create(highColumn, high, ` where ${high} is not null`)]),
      create(moreColumn, `${low}, ${high}`, ` where ${more} is not null`),
    ];
  });
}

/** A patient's resources are found in the order of their main date, newest first. */
function linkIndexes(
  resourceType: string,
  registry: SearchParameterRegistry,
  index: (suffix: string) => string,
): string[] {
  const date = mainDate(registry, resourceType);
  return linkColumns(registry, resourceType).map((link) => {
    const byDate =
      link === 'patient' && date !== undefined ? `, ${quoteName(`${date} hi`)} desc nulls last, id` : '';
    return `create index if not exists ${index(link)} on ${tableName(resourceType)} (${link}${byDate}) where ${link} is not null`;
  });
}

/** Tells whether a type's tables are as the registry wants them. */
export const definitionDigest = (definition: string): string =>
  createHash('sha256').update(definition).digest('hex');
