/** Sort keys as SQL, and the keyset predicate of the next page. https://hl7.org/fhir/R4/search.html#sort */
import type { SortKey } from '../../search/index.ts';
import { quoteName, rangeColumnsOf, stringTable } from './names.ts';

export interface SortContext {
  readonly resourceType: string;
  readonly alias: string;
}

/** A value of a sort expression as read from a row: null where the resource has no value. */
export type SortValue = string | number | null;

export interface CompiledSort {
  /** SQL expressions to select for the cursor, in order of precedence; the id is the last. */
  readonly expressions: readonly string[];
  /** The whole list after `order by`: nulls last in both directions, id as tie-breaker. */
  readonly orderBy: string;
}

interface Column {
  readonly sql: string;
  readonly type: 'text' | 'float8' | 'bigint';
  readonly nullable: boolean;
  readonly descending: boolean;
}

export function compileSort(sort: readonly SortKey[], context: SortContext): CompiledSort {
  const columns = columnsOf(sort, context);
  return {
    expressions: columns.map((c) => c.sql),
    orderBy: columns
      .map((c) => `${c.sql}${c.descending ? ' desc' : ''}${c.nullable ? ' nulls last' : ''}`)
      .join(', '),
  };
}

/**
 * SQL boolean for the rows after the one with these values of `compileSort(…).expressions` in that order. Throws
 * RangeError when the number of values does not fit.
 */
export function afterCursor(
  sort: readonly SortKey[],
  lastValues: readonly SortValue[],
  context: SortContext & { readonly values: unknown[] },
): string {
  const columns = columnsOf(sort, context);
  if (lastValues.length !== columns.length) throw new RangeError('The cursor does not fit the sort keys.');
  const bound = columns.map((c, i) =>
    lastValues[i] === null ? null : `$${context.values.push(lastValues[i])}::${c.type}`,
  );
  const alternatives = columns.flatMap((column, i) => {
    const value = bound[i];
    if (value === null || value === undefined) return [];
    const beyond = `${column.sql} ${column.descending ? '<' : '>'} ${value}`;
    const after = column.nullable ? `(${beyond} or ${column.sql} is null)` : beyond;
    const ties = columns
      .slice(0, i)
      .map((c, j) => (bound[j] ? `${c.sql} = ${bound[j]}` : `${c.sql} is null`));
    return [`(${[...ties, after].join(' and ')})`];
  });
  const any = `(${alternatives.join(' or ')})`;
  // Lets the B-tree of the first key start at the cursor.
  const [first] = columns;
  return first && columns.length > 1 && !first.nullable && bound[0]
    ? `(${first.sql} ${first.descending ? '<=' : '>='} ${bound[0]} and ${any})`
    : any;
}

function columnsOf(sort: readonly SortKey[], context: SortContext): Column[] {
  const id: Column = { sql: `${context.alias}.id`, type: 'text', nullable: false, descending: false };
  return [...sort.map((key) => column(key, context)), id];
}

function column({ param, type, descending }: SortKey, { resourceType, alias }: SortContext): Column {
  switch (type) {
    case 'id':
      return { sql: `${alias}.id`, type: 'text', nullable: false, descending };
    case 'lastUpdated':
      return { sql: `${alias}.last_updated`, type: 'bigint', nullable: false, descending };
    case 'range': {
      // R4: several values sort by the least when ascending, by the greatest when descending.
      const { lowColumn, highColumn } = rangeColumnsOf(param);
      const sql = `${alias}.${quoteName(descending ? highColumn : lowColumn)}`;
      return { sql, type: 'float8', nullable: true, descending };
    }
    case 'string': {
      const end = descending ? 'max' : 'min';
      // The code comes from the registry; it is a literal here because order by and select must say the same.
      const code = `'${param.replaceAll("'", "''")}'`;
      const sql = `(select ${end}(s.value) from ${stringTable(resourceType)} s where s.id = ${alias}.id and s.param = ${code})`;
      return { sql, type: 'text', nullable: true, descending };
    }
  }
}
