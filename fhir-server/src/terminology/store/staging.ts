/** What a loader has written so far, and how far it has come: unlogged tables, emptied together when the database crashes. */
import type { PoolClient } from '../../db/index.ts';
import { propertyValue } from '../concepts.ts';
import { wordsOf } from '../text-match.ts';
import { dropTables } from './build-tables.ts';
import type {
  NewCodeSystem,
  NewConcept,
  NewDesignation,
  NewDisplay,
  NewParent,
  NewProperty,
  Piece,
  Progress,
} from './piece.ts';
import { stagingTable } from './table-names.ts';

/** The load of the same release that was broken off. What is left of others is removed. */
export async function findLeft(
  client: PoolClient,
  { url, version = '' }: NewCodeSystem,
  release: string,
): Promise<(Progress & { readonly id: number }) | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `select id from terminology.code_system where url = $1 and version = $2 and status = 'loading' order by id desc`,
    [url, version],
  );
  const newest = rows[0];
  const progress =
    newest === undefined || release === '' ? undefined : await progressOf(client, newest.id, release);
  const others = progress === undefined ? rows : rows.slice(1);
  await dropTables(
    client,
    others.map(({ id }) => id),
  );
  return progress && { id: newest!.id, ...progress };
}

async function progressOf(client: PoolClient, id: number, release: string): Promise<Progress | undefined> {
  const table = stagingTable(id, 'progress');
  const there = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    table,
  ]);
  if (there.rows[0]?.there !== true) return undefined;
  const { rows } = await client.query<Progress>(`select step, records from ${table} where release = $1`, [
    release,
  ]);
  return rows[0];
}

export async function markProgress(
  client: PoolClient,
  id: number,
  release: string,
  { step, records }: Progress,
): Promise<void> {
  await client.query(`delete from ${stagingTable(id, 'progress')}`);
  await client.query(
    `insert into ${stagingTable(id, 'progress')} (release, step, records) values ($1, $2, $3)`,
    [release, step, records],
  );
}

export async function writePiece(client: PoolClient, id: number, piece: Piece): Promise<void> {
  const { concepts = [], displays = [], designations = [], properties = [], parents = [] } = piece;
  if (concepts.length > 0) await writeConcepts(client, id, concepts);
  const [preferred, last] = [displays.filter((d) => !d.isLast), displays.filter((d) => d.isLast)];
  if (preferred.length > 0) await writeDisplays(client, id, preferred, 'true');
  if (last.length > 0) await writeDisplays(client, id, last, 'c.display is null');
  if (designations.length > 0) await writeDesignations(client, id, designations);
  if (properties.length > 0) await writeProperties(client, id, properties);
  if (parents.length > 0) await writeParents(client, id, parents);
}

const wordText = (text: string): string => wordsOf(text).join(' ');

const writeConcepts = (client: PoolClient, id: number, concepts: readonly NewConcept[]) =>
  client.query(
    `insert into ${stagingTable(id, 'concept')} (code, display, definition, inactive, abstract, words)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[])
     on conflict (code) do nothing`,
    [
      concepts.map(({ code }) => code),
      concepts.map(({ display }) => display),
      concepts.map(({ definition }) => definition),
      concepts.map(({ inactive = false }) => inactive),
      concepts.map(({ abstract = false }) => abstract),
      concepts.map(({ code, display = '' }) => wordText(`${code}\n${display}`)),
    ],
  );

const writeDisplays = (client: PoolClient, id: number, displays: readonly NewDisplay[], where: string) =>
  client.query(
    `update ${stagingTable(id, 'concept')} c set display = d.display, words = d.words
     from unnest($1::text[], $2::text[], $3::text[]) d (code, display, words) where c.code = d.code and ${where}`,
    [
      displays.map(({ code }) => code),
      displays.map(({ display }) => display),
      displays.map(({ code, display }) => wordText(`${code}\n${display}`)),
    ],
  );

const writeDesignations = (client: PoolClient, id: number, designations: readonly NewDesignation[]) =>
  client.query(
    `insert into ${stagingTable(id, 'designation')} (code, designation, words)
     select * from unnest($1::text[], $2::jsonb[], $3::text[])`,
    [
      designations.map(({ code }) => code),
      designations.map(({ code: _code, ...designation }) => JSON.stringify(designation)),
      designations.map(({ value }) => wordText(value)),
    ],
  );

const writeProperties = (client: PoolClient, id: number, properties: readonly NewProperty[]) =>
  client.query(
    `insert into ${stagingTable(id, 'property')} (code, property, name, value)
     select * from unnest($1::text[], $2::jsonb[], $3::text[], $4::text[])`,
    [
      properties.map(({ code }) => code),
      properties.map(({ property }) => JSON.stringify(property)),
      properties.map(({ property }) => property.code),
      properties.map(({ property }) => propertyValue(property)),
    ],
  );

const writeParents = (client: PoolClient, id: number, parents: readonly NewParent[]) =>
  client.query(
    `insert into ${stagingTable(id, 'parent')} (code, parent) select * from unnest($1::text[], $2::text[])`,
    [parents.map(({ code }) => code), parents.map(({ parent }) => parent)],
  );

/** Of a load that begins: no other of the same version is there. */
export async function prepare(client: PoolClient, system: NewCodeSystem): Promise<number> {
  const {
    url,
    version = '',
    name,
    title,
    content,
    caseSensitive = true,
    hierarchyMeaning,
    valueSet,
  } = system;
  const { rows } = await client.query<{ id: number }>(
    `insert into terminology.code_system
       (url, version, name, title, content, case_sensitive, hierarchy_meaning, value_set, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'loading') returning id`,
    [url, version, name, title, content, caseSensitive, hierarchyMeaning, valueSet],
  );
  const { id } = rows[0]!;
  // Rows of a load that dies are of no use: they need not survive a crash of the database.
  await client.query(`
    create unlogged table ${stagingTable(id, 'concept')} (
      place integer generated always as identity, code text primary key collate "C", display text, definition text,
      inactive boolean not null, abstract boolean not null, words text not null);
    create unlogged table ${stagingTable(id, 'designation')} (code text not null collate "C", designation jsonb not null, words text not null);
    create unlogged table ${stagingTable(id, 'property')} (
      code text not null collate "C", property jsonb not null, name text not null, value text not null);
    create unlogged table ${stagingTable(id, 'parent')} (code text not null collate "C", parent text not null collate "C");
    create unlogged table ${stagingTable(id, 'progress')} (release text not null, step integer not null, records integer not null)`);
  return id;
}
