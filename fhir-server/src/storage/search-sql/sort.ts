/** Sort keys as SQL, and the keyset predicate of the next page. https://hl7.org/fhir/R4/search.html#sort */
import type { SortKey } from '../../search/index.ts';
import { quoteName, rangeColumnsOf, stringTable } from './names.ts';

export interface SortContext {
  readonly resourceType: string;
  readonly alias: string;
  /** From the last row to the first, for the page before. */
  readonly backwards?: boolean;
  /**
   * No index may give the order. For filters that lead to few rows: an index in the order of the page has many rows to
   * go through before it meets one of them, and the planner, which knows frequencies only on average, may take it.
   */
  readonly isFenced?: boolean;
  /** Whether the tables are distributed: then values of other rows are joined and grouped, and not looked up for each row. */
  readonly isDistributed: boolean;
  /**
   * The first key is a string, and the statement goes through its values as `k.value`, or through the rows that have none.
   */
  readonly walk?: 'values' | 'none';
  /** Bind values of the statement so far; a rank appends what is sought. Without them the expressions cannot be used. */
  readonly values?: unknown[];
}

/** A value of a sort expression as read from a row: null where the resource has no value. */
export type SortValue = string | number | null;

export interface CompiledSort {
  /** SQL expressions to select for the cursor, in order of precedence; the id is the last. */
  readonly expressions: readonly string[];
  /** What follows each expression in `order by`: its direction, nulls last (first when backwards). */
  readonly directions: readonly string[];
  /** The whole list after `order by`, with the id as tie-breaker. */
  readonly orderBy: string;
  /** What is joined to the table; then its rows are grouped by their id, and what the cursor says is a condition on groups. */
  readonly joins: string;
}

interface Column {
  readonly sql: string;
  readonly type: 'text' | 'float8' | 'bigint';
  readonly nullable: boolean;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export function compileSort(sort: readonly SortKey[], context: SortContext): CompiledSort {
  const columns = columnsOf(sort, context);
  const directions = columns.map(direction);
  return {
    expressions: columns.map((c) => c.sql),
    directions,
    orderBy: columns.map((c, i) => c.sql + directions[i]!).join(', '),
    joins: context.isDistributed ? sort.map((key, i) => joinOf(key, i, context)).join('') : '',
  };
}

/** What follows `from`: rows that match, `after` the cursor. */
export const selected = (
  source: string,
  { matches, after }: { readonly matches: string; readonly after?: string | undefined },
  { joins }: Pick<CompiledSort, 'joins'>,
): string =>
  joins === ''
    ? `${source} where ${matches}${after === undefined ? '' : ` and ${after}`}`
    : `${source}${joins} where ${matches} group by r.id${after === undefined ? '' : ` having ${after}`}`;

function direction({ descending, nullable, nullsFirst }: Column): string {
  const nulls = nullable ? ` nulls ${nullsFirst ? 'first' : 'last'}` : '';
  return `${descending ? ' desc' : ''}${nulls}`;
}

/**
 * SQL boolean for the rows after the one with these values of `compileSort(…).expressions` in that order. Throws
 * RangeError when the number of values does not fit.
 */
export const afterCursor = (
  sort: readonly SortKey[],
  lastValues: readonly SortValue[],
  context: SortContext & { readonly values: unknown[] },
): string => `(${piecesAfterCursor(sort, lastValues, context).join(' or ')})`;

/**
 * The same as conditions whose rows follow each other, so that a B-tree of the first key can start at the cursor: rows
 * with a value of it, then rows without.
 */
export function piecesAfterCursor(
  sort: readonly SortKey[],
  lastValues: readonly SortValue[],
  context: SortContext & { readonly values: unknown[] },
): string[] {
  const columns = columnsOf(sort, context);
  if (lastValues.length !== columns.length) throw new RangeError('The cursor does not fit the sort keys.');
  const bound = columns.map((c, i) =>
    lastValues[i] === null ? null : `$${context.values.push(lastValues[i])}::${c.type}`,
  );
  const alternatives = columns.flatMap((column, i) => {
    const after = i === 0 && bound[0] ? past(column, bound[0]) : beyond(column, bound[i] ?? null);
    const ties = columns
      .slice(0, i)
      .map((c, j) => (bound[j] ? `${c.sql} = ${bound[j]}` : `${c.sql} is null`));
    return after === undefined ? [] : [`(${[...ties, after].join(' and ')})`];
  });
  const any = `(${alternatives.join(' or ')})`;
  const [first] = columns;
  if (first === undefined || columns.length === 1 || !bound[0]) return [any];
  const withValue = `(${first.sql} ${first.descending ? '<=' : '>='} ${bound[0]} and ${any})`;
  return first.nullable && !first.nullsFirst ? [withValue, `${first.sql} is null`] : [withValue];
}

/** What comes after a value in the order of one column; undefined when nothing can. */
function beyond({ sql, descending, nullable, nullsFirst }: Column, value: string | null): string | undefined {
  if (value === null) return nullsFirst ? `${sql} is not null` : undefined;
  const after = past({ sql, descending }, value);
  return nullable && !nullsFirst ? `(${after} or ${sql} is null)` : after;
}

const past = ({ sql, descending }: Pick<Column, 'sql' | 'descending'>, value: string): string =>
  `${sql} ${descending ? '<' : '>'} ${value}`;

function columnsOf(sort: readonly SortKey[], context: SortContext): Column[] {
  const id = { sql: `${context.alias}.id`, type: 'text', nullable: false, descending: false } as const;
  const { backwards = false, isFenced = false, walk } = context;
  const keys = sort.map((key, i) => {
    const { descending } = key;
    if (context.isDistributed) return joinedColumn(key, i, context);
    if (i > 0 || walk === undefined) return column(key, context);
    const sql = walk === 'values' ? 'k.value' : 'null::text';
    return { sql, type: 'text', nullable: walk === 'none', descending } as const;
  });
  return [...keys, id].map((c, i) => ({
    ...c,
    sql: isFenced && i === 0 ? fenced(c) : c.sql,
    descending: c.descending !== backwards,
    nullsFirst: backwards,
  }));
}

/** The same value as an expression that no index has. */
const fenced = ({ sql, type }: Pick<Column, 'sql' | 'type'>): string =>
  type === 'text' ? `(${sql} || '')` : `(${sql} + 0)`;

function column(key: SortKey, context: SortContext): Omit<Column, 'nullsFirst'> {
  const { param, type, descending, of = [param], paths = [], words } = key;
  const { resourceType, alias } = context;
  switch (type) {
    case 'id':
      return { sql: `${alias}.id`, type: 'text', nullable: false, descending };
    case 'lastUpdated':
      return { sql: `${alias}.last_updated`, type: 'bigint', nullable: false, descending };
    case 'range': {
      // R4: several values sort by the least when ascending, by the greatest when descending.
      const columns = of
        .map(rangeColumnsOf)
        .map((c) => `${alias}.${quoteName(descending ? c.highColumn : c.lowColumn)}`);
      const sql =
        columns.length === 1 ? columns[0]! : `${descending ? 'greatest' : 'least'}(${columns.join(', ')})`;
      return { sql, type: 'float8', nullable: true, descending };
    }
    case 'string': {
      // Codes come from the registry; they are literals here because order by and select must say the same.
      const codes = of.map(literal).join(', ');
      const sql = `(select ${end(descending)}(s.value) from ${stringTable(resourceType)} s where s.id = ${alias}.id and s.param in (${codes}))`;
      return { sql, type: 'text', nullable: true, descending };
    }
    case 'path':
      return { sql: pathSql(paths, alias, descending), type: 'text', nullable: true, descending };
    case 'rank':
      return { sql: rankSql(words, context), type: 'float8', nullable: false, descending };
  }
}

const joined = (i: number): string => `sort${i}`;

/** Citus refuses an aggregate in a subquery that belongs to a row, and takes one over groups by `id`. */
function joinedColumn(key: SortKey, i: number, context: SortContext): Omit<Column, 'nullsFirst'> {
  const { type, descending } = key;
  if (type !== 'string' && type !== 'path') return column(key, context);
  const value = type === 'string' ? `${joined(i)}.value` : textOf(`${joined(i)}.e`);
  return { sql: `${end(descending)}(${value})`, type: 'text', nullable: true, descending };
}

function joinOf({ param, type, of = [param], paths = [] }: SortKey, i: number, context: SortContext): string {
  const { resourceType, alias } = context;
  const name = joined(i);
  if (type === 'string')
    return ` left join ${stringTable(resourceType)} ${name} on ${name}.id = ${alias}.id and ${name}.param in (${of.map(literal).join(', ')})`;
  if (type !== 'path') return '';
  const content = `nullif(${alias}.content, '')::jsonb`;
  const elements = `(${paths.map((path) => `jsonb_path_query_array(${content}, ${literal(`lax ${path}`)})`).join(' || ')})`;
  const flat = `${elements} || jsonb_path_query_array(${elements}, 'lax $[*].coding[*]')`;
  return ` left join lateral jsonb_array_elements(${flat}) ${name} (e) on true`;
}

/** From 0 to 1; of `_text` only the narrative's words count, which have weight A. */
function rankSql(words: SortKey['words'], { alias, values }: SortContext): string {
  const sought = values === undefined ? 'null' : `$${values.push(words?.query)}::text`;
  const weights = words?.scope === 'narrative' ? '{0,0,0,1}' : '{0.1,0.2,0.4,1}';
  return `coalesce(ts_rank('${weights}', ${alias}.words, websearch_to_tsquery('english', ${sought})), 0)::float8`;
}

const end = (descending: boolean): string => (descending ? 'max' : 'min');

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Tokens sort by their code or value, references by their text. The stored JSON of a deletion is empty. */
function pathSql(paths: readonly string[], alias: string, descending: boolean): string {
  const elements = paths
    .map(
      (path) =>
        `select jsonb_path_query(nullif(${alias}.content, '')::jsonb, ${literal(`lax ${path}`)}) as e`,
    )
    .join(' union all ');
  const flat = `(select jsonb_path_query(p.e, 'lax $.coding[*]') as e from (${elements}) p union all select e from (${elements}) p)`;
  return `(select ${end(descending)}(${textOf('t.e')}) from ${flat} t)`;
}

const textOf = (e: string): string =>
  `case jsonb_typeof(${e}) when 'object' then coalesce(${e}->>'code', ${e}->>'value', ${e}->>'reference') else ${e} #>> '{}' end collate "C"`;
