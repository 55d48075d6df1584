/** Closure tables as they are stored. https://hl7.org/fhir/R4/terminology-service.html#closure */
import type { PoolClient, Queryable } from '../db/index.ts';

export interface ClosureKey {
  readonly owner: string;
  readonly name: string;
}

export interface ClosureRelation {
  readonly system: string;
  readonly code: string;
  /** What subsumes it. */
  readonly above: string;
}

/** Empty, at version 0, whatever it was before. */
export async function resetClosure(client: PoolClient, { owner, name }: ClosureKey): Promise<void> {
  // The row comes first: whoever does the same at the same time waits for it.
  await client.query(
    `insert into terminology.closure (owner, name) values ($1, $2)
     on conflict (owner, name) do update set version = 0`,
    [owner, name],
  );
  await client.query('delete from terminology.closure_concept where owner = $1 and name = $2', [owner, name]);
  await client.query('delete from terminology.closure_relation where owner = $1 and name = $2', [
    owner,
    name,
  ]);
}

/** Others of the same owner. */
export async function countClosures(db: Queryable, { owner, name }: ClosureKey): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*) from terminology.closure where owner = $1 and name <> $2',
    [owner, name],
  );
  return rows[0]!.count;
}

/** Its version; undefined where there is none. Others who change the table wait. */
export async function lockClosure(
  client: PoolClient,
  { owner, name }: ClosureKey,
): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(
    'select version from terminology.closure where owner = $1 and name = $2 for update',
    [owner, name],
  );
  return rows[0]?.version;
}

/** Code system → codes. */
export async function loadConcepts(
  db: Queryable,
  { owner, name }: ClosureKey,
): Promise<Map<string, string[]>> {
  const { rows } = await db.query<{ system: string; codes: string[] }>(
    `select system, array_agg(code order by code) as codes from terminology.closure_concept
     where owner = $1 and name = $2 group by system`,
    [owner, name],
  );
  return new Map(rows.map(({ system, codes }) => [system, codes]));
}

/** The relations that came after a version, in order. */
export async function loadRelations(
  db: Queryable,
  { owner, name }: ClosureKey,
  after: number,
): Promise<ClosureRelation[]> {
  const { rows } = await db.query<ClosureRelation>(
    `select system, code, above from terminology.closure_relation
     where owner = $1 and name = $2 and version > $3 order by system, code, above`,
    [owner, name, after],
  );
  return rows;
}

export interface ClosureAddition {
  readonly version: number;
  readonly concepts: readonly { readonly system: string; readonly code: string }[];
  readonly relations: readonly ClosureRelation[];
}

export async function extendClosure(
  client: PoolClient,
  { owner, name }: ClosureKey,
  { version, concepts, relations }: ClosureAddition,
): Promise<void> {
  await client.query('update terminology.closure set version = $3 where owner = $1 and name = $2', [
    owner,
    name,
    version,
  ]);
  await client.query(
    `insert into terminology.closure_concept (owner, name, system, code)
     select $1, $2, c.system, c.code from unnest($3::text[], $4::text[]) c (system, code)
     on conflict do nothing`,
    [owner, name, concepts.map(({ system }) => system), concepts.map(({ code }) => code)],
  );
  await client.query(
    `insert into terminology.closure_relation (owner, name, system, code, above, version)
     select $1, $2, r.system, r.code, r.above, $6 from unnest($3::text[], $4::text[], $5::text[]) r (system, code, above)
     on conflict do nothing`,
    [
      owner,
      name,
      relations.map(({ system }) => system),
      relations.map(({ code }) => code),
      relations.map(({ above }) => above),
      version,
    ],
  );
}
