/**
 * Loads a code system into tables of its own, in any order and in as many pieces as its files have. Readers see it when it is
 * finished, and until then what was there before. https://hl7.org/fhir/R4/codesystem.html
 */
import { hash } from 'node:crypto';
import type { CodeSystem, CodeSystemConceptDesignation, CodeSystemConceptProperty } from '@medplum/fhirtypes';
import { type Pool, type PoolClient, withTransaction } from '../../db/index.ts';
import { conflict } from '../../fhir/outcome.ts';
import { propertyValue } from '../concepts.ts';
import { wordsOf } from '../text-match.ts';
import { buildTables, dropTables } from './build-tables.ts';
import { stagingTable } from './table-names.ts';

export type NewCodeSystem = Pick<CodeSystem, 'url' | 'content'> &
  Partial<Pick<CodeSystem, 'version' | 'name' | 'title' | 'caseSensitive' | 'hierarchyMeaning' | 'valueSet'>>;

export interface NewConcept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly inactive?: boolean;
  readonly abstract?: boolean;
}
export interface NewDesignation extends CodeSystemConceptDesignation {
  readonly code: string;
}
export interface NewProperty {
  /** Of the concept. */
  readonly code: string;
  readonly property: CodeSystemConceptProperty;
}
export interface NewParent {
  readonly code: string;
  readonly parent: string;
}

/** One at a time for each version of a code system; what a loader that died has left is removed first. */
export class ConceptWriter {
  readonly #pool: Pool;
  /** Holds the lock as long as it is connected. */
  readonly #guard: PoolClient;
  readonly id: number;

  private constructor(pool: Pool, guard: PoolClient, id: number) {
    this.#pool = pool;
    this.#guard = guard;
    this.id = id;
  }

  /** Throws 409 while another process loads the same version. */
  static async begin(pool: Pool, system: NewCodeSystem): Promise<ConceptWriter> {
    const { url, version = '' } = system;
    const guard = await pool.connect();
    try {
      const { rows } = await guard.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
        lockOf(`${url}|${version}`),
      ]);
      if (rows[0]?.locked !== true) throw conflict(`${url}|${version} is being loaded by another process`);
      return new ConceptWriter(pool, guard, await withTransaction(pool, (c) => prepare(c, system)));
    } catch (error) {
      guard.release(true);
      throw error;
    }
  }

  /** In the order in which they are to be listed. A code that comes again is left out. */
  async addConcepts(concepts: readonly NewConcept[]): Promise<void> {
    await this.#pool.query(
      `insert into ${stagingTable(this.id, 'concept')} (code, display, definition, inactive, abstract, words)
       select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[])
       on conflict (code) do nothing`,
      [
        concepts.map(({ code }) => code),
        concepts.map(({ display }) => display),
        concepts.map(({ definition }) => definition),
        concepts.map(({ inactive = false }) => inactive),
        concepts.map(({ abstract = false }) => abstract),
        concepts.map(({ code, display = '' }) => wordsOf(`${code}\n${display}`).join(' ')),
      ],
    );
  }

  async addDesignations(designations: readonly NewDesignation[]): Promise<void> {
    await this.#pool.query(
      `insert into ${stagingTable(this.id, 'designation')} (code, designation, words)
       select * from unnest($1::text[], $2::jsonb[], $3::text[])`,
      [
        designations.map(({ code }) => code),
        designations.map(({ code: _code, ...designation }) => JSON.stringify(designation)),
        designations.map(({ value }) => wordsOf(value).join(' ')),
      ],
    );
  }

  async addProperties(properties: readonly NewProperty[]): Promise<void> {
    await this.#pool.query(
      `insert into ${stagingTable(this.id, 'property')} (code, property, name, value)
       select * from unnest($1::text[], $2::jsonb[], $3::text[], $4::text[])`,
      [
        properties.map(({ code }) => code),
        properties.map(({ property }) => JSON.stringify(property)),
        properties.map(({ property }) => property.code),
        properties.map(({ property }) => propertyValue(property)),
      ],
    );
  }

  /** Parents that the code system does not have are left out at the end. */
  async addParents(parents: readonly NewParent[]): Promise<void> {
    await this.#pool.query(
      `insert into ${stagingTable(this.id, 'parent')} (code, parent) select * from unnest($1::text[], $2::text[])`,
      [parents.map(({ code }) => code), parents.map(({ parent }) => parent)],
    );
  }

  /** Builds the tables and puts them in the place of those of the same version. Answers how many concepts there are. */
  async finish(): Promise<number> {
    try {
      return await withTransaction(this.#pool, (client) => buildTables(client, this.id));
    } finally {
      this.#guard.release(true);
    }
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    try {
      await withTransaction(this.#pool, (client) => dropTables(client, [this.id]));
    } finally {
      this.#guard.release(true);
    }
  }
}

const lockOf = (canonical: string): string =>
  BigInt.asIntN(64, BigInt(`0x${hash('sha256', canonical, 'hex').slice(0, 16)}`)).toString();

async function prepare(client: PoolClient, system: NewCodeSystem): Promise<number> {
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
  const left = await client.query<{ id: number }>(
    `select id from terminology.code_system where url = $1 and version = $2 and status = 'loading'`,
    [url, version],
  );
  await dropTables(
    client,
    left.rows.map(({ id }) => id),
  );
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
    create unlogged table ${stagingTable(id, 'parent')} (code text not null collate "C", parent text not null collate "C")`);
  return id;
}
