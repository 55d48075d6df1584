/** Rows → the multi-row statements that write them in a layout, one transaction per bundle. */
import type pg from 'pg';
import type { SearchParameterRegistry } from '../../../fhir-server/src/search/index.ts';
import { quoteName, rangeColumns } from '../../../fhir-server/src/storage/search-sql/index.ts';
import { paramNumber, patientHash, type Row } from './dataset.ts';
import { keyTable, mainTable, rangeTable, stringTable, type Layout } from './layout.ts';

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

interface Column {
  readonly name: string;
  /** Type of the bound array's elements, and the cast from there to the column. */
  readonly type: string;
  readonly cast?: string;
  readonly of: (row: Row) => unknown;
}

/** The first 64 bits of a 128-bit hash as the decimal text of a signed integer. */
export const key64 = (hash: string): string => BigInt.asIntN(64, BigInt(`0x${hash.slice(0, 16)}`)).toString();

/** The keys of a row in a layout, as hashes of 128 bits. */
export function rowKeys(row: Row, layout: Layout): readonly string[] {
  if (layout.patient === undefined) return [...row.keys, ...row.linkKeys];
  if (layout.compartmentKey === true || row.patient === null) return row.keys;
  const compartment = patientHash(row.patient);
  return row.keys.filter((key) => key !== compartment);
}

function patientOf(row: Row, layout: Layout): string | null {
  return row.patient === null || layout.patient === 'text' ? row.patient : patientHash(row.patient);
}

export function mainColumns(type: string, layout: Layout, registry: SearchParameterRegistry): Column[] {
  const base: Column[] = [
    { name: 'id', type: 'text', of: (r) => r.id },
    { name: 'version_id', type: 'integer', of: () => 1 },
    { name: 'last_updated', type: 'bigint', of: () => 1_767_225_600_000 },
    { name: 'deleted', type: 'boolean', of: () => false },
    { name: 'content', type: 'text', of: (r) => r.content },
  ];
  if (layout.keys === 'none') return base;
  const literal = (keys: readonly string[]): string =>
    `{${(layout.keys === 'bigint' ? keys.map(key64) : keys).join(',')}}`;
  const keys: Column = {
    name: 'keys',
    type: 'text',
    cast: `${layout.keys}[]`,
    of: (r) => literal(rowKeys(r, layout)),
  };
  const patient: Column[] =
    layout.patient === undefined
      ? []
      : [{ name: 'patient', type: layout.patient, of: (r) => patientOf(r, layout) }];
  const ranges = rangeColumns(registry, type).flatMap((c): Column[] => [
    { name: c.lowColumn, type: 'float8', of: (r) => r.ranges[c.param]?.[0] ?? null },
    { name: c.highColumn, type: 'float8', of: (r) => r.ranges[c.param]?.[1] ?? null },
    { name: c.moreColumn, type: 'text', cast: 'jsonb', of: (r) => r.ranges[c.param]?.[2] ?? null },
  ]);
  return [...base, keys, ...patient, ...ranges];
}

function insertion(name: string, table: string, columns: readonly Column[], rows: readonly Row[]): Statement {
  const names = columns.map((c) => quoteName(c.name));
  const casts = columns.map((c, i) => `${names[i]}${c.cast === undefined ? '' : `::${c.cast}`}`);
  const arrays = columns.map((c, i) => `$${i + 1}::${c.type}[]`);
  return {
    name,
    text: `insert into ${table} (${names.join(', ')}) select ${casts.join(', ')} from unnest(${arrays.join(', ')}) as v(${names.join(', ')})`,
    values: columns.map((c) => rows.map(c.of)),
  };
}

/** Everything that one bundle's transaction writes. */
export function bundleStatements(
  rows: readonly Row[],
  layout: Layout,
  registry: SearchParameterRegistry,
): Statement[] {
  const statements: Statement[] = [];
  for (const [type, ofType] of [...Map.groupBy(rows, (r) => r.type)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    statements.push(
      insertion(`insert ${type}`, mainTable(type), mainColumns(type, layout, registry), ofType),
    );
    if (layout.keys === 'none') statements.push(...sideStatements(type, ofType));
    const strings = ofType.flatMap((r) => r.strings.map((s) => [r.id, ...s] as const));
    if (strings.length > 0)
      statements.push({
        name: `strings ${type}`,
        text: `insert into ${stringTable(type)} select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
        values: [0, 1, 2, 3].map((i) => strings.map((s) => s[i])),
      });
  }
  return statements;
}

function sideStatements(type: string, rows: readonly Row[]): Statement[] {
  const keys = rows.flatMap((r) =>
    [...r.keys, ...r.linkKeys].map((hash, i) => [r.id, r.params[i], hash] as const),
  );
  const ranges = rows.flatMap((r) =>
    Object.entries(r.ranges).map(([param, range]) => [r.id, paramNumber(`n\n${param}`), ...range] as const),
  );
  return [
    {
      name: `keys ${type}`,
      text: `insert into ${keyTable(type)} select * from unnest($1::text[], $2::smallint[], $3::uuid[])`,
      values: [0, 1, 2].map((i) => keys.map((k) => k[i])),
    },
    {
      name: `ranges ${type}`,
      text: `insert into ${rangeTable(type)} select a, b, c, d, e::jsonb
        from unnest($1::text[], $2::smallint[], $3::float8[], $4::float8[], $5::text[]) as v(a, b, c, d, e)`,
      values: [0, 1, 2, 3, 4].map((i) => ranges.map((r) => r[i])),
    },
  ];
}

/** Writes one bundle in one transaction. */
export async function writeBundle(client: pg.ClientBase, statements: readonly Statement[]): Promise<void> {
  await client.query('begin');
  for (const statement of statements) await client.query({ ...statement });
  await client.query('commit');
}
