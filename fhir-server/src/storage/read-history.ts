/** Versions of whole types, newest first, current and superseded ones alike. https://hl7.org/fhir/R4/http.html#history */
import { hidesStateOnly } from '../access/index.ts';
import { isDistributed, type Queryable } from '../db/index.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { outlived, type HistoryPeriod } from './history-period.ts';
import { compileExpression, tableName } from './search-sql/index.ts';
import { toStoredVersion, VERSION_COLUMNS, type StoredVersion, type VersionRow } from './stored-version.ts';

/** A type whose table exists, and what the caller may see of it. */
export interface HistorySource {
  readonly resourceType: string;
  readonly filter: Expression;
}

export interface TypedVersion extends StoredVersion {
  readonly resourceType: string;
}

/** A version's place in the order; it never changes, whatever is written later. */
export type HistoryPosition = Pick<TypedVersion, 'lastUpdated' | 'resourceType' | 'id' | 'versionId'>;

export interface HistoryQuery {
  readonly registry: SearchParameterRegistry;
  /** At least one. */
  readonly sources: readonly HistorySource[];
  readonly period: HistoryPeriod;
  /** The version behind which the answer starts; undefined from the newest on. */
  readonly after?: HistoryPosition | undefined;
  readonly limit: number;
}

/**
 * At most `limit` versions, descending by (last_updated, type, id, version_id), all of one moment, since it is one
 * statement. Of a type with a restricted filter it leaves out deletions, and current versions that do not pass; the
 * superseded ones have no index columns and all come, so that the caller must decide on each by its content.
 */
export async function readHistory(db: Queryable, query: HistoryQuery): Promise<TypedVersion[]> {
  const values: unknown[] = [];
  const limit = `limit ${bind(values, query.limit, 'integer')}`;
  const order = 'order by r.last_updated desc, r.id desc';
  const parts = branches(db, query, values).flatMap(({ resourceType, current, superseded }) => {
    const columns = `'${resourceType}'::text collate "C" as type, ${VERSION_COLUMNS}`;
    const history = tableName(resourceType, '_history');
    return [
      ...current.map(
        (where) => `(select ${columns} from ${tableName(resourceType)} r ${where} ${order} ${limit})`,
      ),
      `(select ${columns} from ${history} r ${superseded} ${order}, r.version_id desc ${limit})`,
    ];
  });
  const { rows } = await (db.openEnded ?? db).query<VersionRow & { readonly type: string }>(
    `select r.type, ${VERSION_COLUMNS} from (${parts.join('\nunion all\n')}) r
     order by r.last_updated desc, r.type desc, r.id desc, r.version_id desc ${limit}`,
    values,
  );
  return rows.map((row) => ({ resourceType: row.type, ...toStoredVersion(row) }));
}

/** How many versions the types have in the period. The filters must be unrestricted, because nothing is decided here. */
export async function countHistory(
  db: Queryable,
  query: Pick<HistoryQuery, 'registry' | 'sources' | 'period'>,
): Promise<number> {
  const values: unknown[] = [];
  const counts = branches(db, query, values).flatMap(({ resourceType, current, superseded }) => [
    ...current.map((where) => `(select count(*) from ${tableName(resourceType)} r ${where})`),
    `(select count(*) from ${tableName(resourceType, '_history')} r ${superseded})`,
  ]);
  const { rows } = await (db.openEnded ?? db).query<{ count: number }>(
    `select ${counts.join(' + ')} as count`,
    values,
  );
  return rows[0]?.count ?? 0;
}

const bind = (values: unknown[], value: unknown, type: string): string => `$${values.push(value)}::${type}`;

interface Branch {
  readonly resourceType: string;
  /** Conditions on current rows: present and deleted ones apart, as each has an index of its own. */
  readonly current: readonly string[];
  readonly superseded: string;
}

/** Binds only what the conditions name: PostgreSQL refuses a value without a use. */
function branches(
  db: Queryable,
  { registry, sources, period, after }: Pick<HistoryQuery, 'registry' | 'sources' | 'period' | 'after'>,
  values: unknown[],
): Branch[] {
  const moment = (value: number): string => bind(values, value, 'bigint');
  const inPeriod: string[] = [];
  if (period.since !== undefined) inPeriod.push(`r.last_updated >= ${moment(period.since)}`);
  if (period.at !== undefined) inPeriod.push(`r.last_updated <= ${moment(period.at.high)}`);
  const start = period.at && moment(period.at.low);
  return sources.map(({ resourceType, filter }) => {
    const { current, superseded } = behind(resourceType, after, values);
    const permitted = compileExpression(filter, {
      resourceType,
      registry,
      alias: 'r',
      values,
      isDistributed: isDistributed(db),
    });
    const own = filter.kind === 'all' ? [] : [permitted];
    const isRestricted = filter.kind !== 'all' && !hidesStateOnly(filter);
    return {
      resourceType,
      current: isRestricted
        ? [where('not r.deleted', ...inPeriod, ...current, ...own)]
        : [
            where('not r.deleted', ...inPeriod, ...current, ...own),
            where('r.deleted', ...inPeriod, ...current),
          ],
      superseded: where(
        ...(isRestricted ? ['not r.deleted'] : []),
        ...inPeriod,
        ...superseded,
        ...(start === undefined ? [] : [outlived(resourceType, start)]),
      ),
    };
  });
}

/** What comes after a position. A current row is the last version of its id, so that its version needs no comparison. */
function behind(
  resourceType: string,
  after: HistoryPosition | undefined,
  values: unknown[],
): { current: readonly string[]; superseded: readonly string[] } {
  if (after === undefined) return { current: [], superseded: [] };
  const written = bind(values, after.lastUpdated, 'bigint');
  if (resourceType !== after.resourceType) {
    // What was written at the same moment goes on with the types further down in the order.
    const condition = `r.last_updated ${resourceType < after.resourceType ? '<=' : '<'} ${written}`;
    return { current: [condition], superseded: [condition] };
  }
  const place = `${written}, ${bind(values, after.id, 'text')}`;
  const version = bind(values, after.versionId, 'integer');
  return {
    current: [`(r.last_updated, r.id) < (${place})`],
    superseded: [`(r.last_updated, r.id, r.version_id) < (${place}, ${version})`],
  };
}

const where = (...conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
