/** A ceiling: the rows that the server wrote, written again by plain multi-row inserts into tables of the same definition. */
import pg from 'pg';

export interface RawInsert {
  readonly resources: number;
  readonly seconds: number;
}

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly isMain: boolean;
}

/** Rows of one transaction, about the number that a bundle has. */
const ROWS_PER_TRANSACTION = 700;
const CONNECTIONS = 4;

async function tables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; types: string[] }>(`
    select t.relname as name, array_agg(a.attname::text order by a.attnum) as columns,
      array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types
    from pg_class t join pg_namespace n on n.oid = t.relnamespace join pg_attribute a on a.attrelid = t.oid
    where n.nspname = 'fhir' and t.relkind = 'r' and t.relname ~ '^[A-Z]' and a.attnum > 0 and not a.attisdropped
    group by t.relname order by t.relname`);
  return rows.map((row) => ({ ...row, isMain: !row.name.includes('_') }));
}

interface Batch {
  readonly main: number;
  readonly parts: readonly { readonly table: Table; readonly rows: readonly (string | null)[][] }[];
}

/** Text of all rows in the server's own tables, in batches of several tables each, as bundles have them. */
async function readBatches(client: pg.ClientBase, all: readonly Table[]): Promise<Batch[]> {
  const rowsOf = new Map<Table, (string | null)[][]>();
  for (const table of all) {
    const columns = table.columns.map((c) => `${pg.escapeIdentifier(c)}::text`).join(', ');
    const query = {
      text: `select ${columns} from fhir.${pg.escapeIdentifier(table.name)}`,
      rowMode: 'array' as const,
    };
    rowsOf.set(table, (await client.query<(string | null)[]>(query)).rows);
  }
  const total = [...rowsOf].reduce((sum, [table, rows]) => sum + (table.isMain ? rows.length : 0), 0);
  const count = Math.max(1, Math.ceil(total / ROWS_PER_TRANSACTION));
  return Array.from({ length: count }, (_, i) => {
    const parts = [...rowsOf].flatMap(([table, rows]) => {
      const part = rows.slice(
        Math.floor((rows.length * i) / count),
        Math.floor((rows.length * (i + 1)) / count),
      );
      return part.length === 0 ? [] : [{ table, rows: part }];
    });
    return { main: parts.reduce((sum, p) => sum + (p.table.isMain ? p.rows.length : 0), 0), parts };
  });
}

async function makeClones(client: pg.ClientBase, all: readonly Table[]): Promise<void> {
  await client.query('drop schema if exists raw cascade; create schema raw');
  for (const { name } of all) {
    const table = pg.escapeIdentifier(name);
    await client.query(`create table raw.${table} (like fhir.${table} including all)`);
  }
}

async function insertBatch(client: pg.ClientBase, { parts }: Batch): Promise<void> {
  await client.query('begin');
  for (const { table, rows } of parts) {
    // Nested arrays cannot be unnested by rows: they travel as text and are cast.
    const isNested = (type: string): boolean => type.endsWith('[]');
    const source = table.types.map((type, i) => `$${i + 1}::${isNested(type) ? 'text' : type}[]`).join(', ');
    const casts = table.types.map((type, i) => (isNested(type) ? `c${i}::${type}` : `c${i}`)).join(', ');
    await client.query({
      name: `raw ${table.name}`,
      text: `insert into raw.${pg.escapeIdentifier(table.name)} select ${casts} from unnest(${source}) as u(${table.types.map((_, i) => `c${i}`).join(', ')})`,
      values: table.columns.map((_, i) => rows.map((row) => row[i])),
    });
  }
  await client.query('commit');
}

export async function measureRawInsert(databaseUrl: string): Promise<RawInsert> {
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: databaseUrl }));
  for (const client of clients) await client.connect();
  try {
    const [first] = clients as [pg.Client];
    const all = await tables(first);
    const batches = await readBatches(first, all);
    const resources = batches.reduce((sum, b) => sum + b.main, 0);
    await makeClones(first, all);
    const begin = performance.now();
    await Promise.all(
      clients.map(async (client) => {
        for (let batch = batches.pop(); batch; batch = batches.pop()) await insertBatch(client, batch);
      }),
    );
    const seconds = (performance.now() - begin) / 1_000;
    await first.query('drop schema raw cascade');
    return { resources, seconds };
  } finally {
    for (const client of clients) await client.end();
  }
}
