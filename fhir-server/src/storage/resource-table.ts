/**
 * The tables of a resource type, made when the type is first written, and widened when its search parameters change.
 * Column by column in docs/architecture.md.
 */
import {
  distribute,
  distributedAmong,
  wantsDistribution,
  withTransaction,
  type Pool,
  type Queryable,
} from '../db/index.ts';
import type { SearchParameterRegistry } from '../search/index.ts';
import {
  definitionDigest,
  INDEX_FORM,
  ofDistributed,
  tableDefinition,
  tablesOf,
} from './table-definition.ts';

const TABLE_LOCK = 8104;
const LOCK_TIMEOUT_MS = 10_000;

/** Resource types come from the definitions; this keeps a name that does not from ever reaching a statement. */
function assertTypeName(resourceType: string): void {
  if (!/^[A-Z][A-Za-z]{1,60}$/.test(resourceType)) throw new RangeError('not the name of a resource type');
}

/** With Citus the tables are distributed before anybody sees them. */
async function make(client: Queryable, resourceType: string, definition: string): Promise<void> {
  if (!(await wantsDistribution(client))) {
    await client.query(definition);
    return;
  }
  const tables = tablesOf(resourceType);
  const done = await distributedAmong(client, tables);
  await client.query(done.has(tables[0]!) ? ofDistributed(resourceType, definition) : definition);
  await distribute(client, tables);
}

export interface ResourceTables {
  /**
   * For writers: makes the tables of these types where they are missing, and widens those that lack columns. Concurrent
   * callers wait for each other; throws 55P03 when somebody else holds a table for too long.
   */
  ensure(resourceTypes: Iterable<string>): Promise<void>;
  /** Whether the type has ever been written; one that has not holds nothing to find. Changes no table, so that readers wait for none. */
  exists(resourceType: string): Promise<boolean>;
  /**
   * Those of the types that have ever been written. Who is in a transaction asks on its connection: waiting for another one
   * while all are in transactions that wait likewise would never end.
   */
  existing(resourceTypes: readonly string[], db?: Queryable): Promise<string[]>;
}

interface Layout {
  readonly resource_type: string;
  readonly definition: string;
}

/**
 * `reader` is for looks at what there is, from wherever they come: a pool all of whose connections are in transactions that look
 * would wait for itself for ever.
 */
export function createResourceTables(
  pool: Pool,
  registry: SearchParameterRegistry,
  reader: Queryable = pool,
): ResourceTables {
  /** Types whose tables are there, in whatever form: what readers need is there before a parameter is ready. */
  const there = new Set<string>();
  /** Those among them that are as the registry of this revision wants them. */
  const known = new Set<string>();
  let revision = registry.revision;

  function forgetOldRevision(): void {
    if (revision === registry.revision) return;
    revision = registry.revision;
    known.clear();
  }

  async function put(resourceType: string): Promise<void> {
    const intended = registry.revision;
    const definition = tableDefinition(resourceType, registry);
    await withTransaction(pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [TABLE_LOCK]);
      const digest = definitionDigest(definition);
      const { rows } = await client.query<Layout>(
        'select resource_type, definition from fhir.layout where resource_type = $1',
        [resourceType],
      );
      if (rows[0]?.definition === digest) return;
      // An index over many rows takes its time; others, who wait behind a waiting lock on the table, do not have it.
      await client.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await make(client, resourceType, definition);
      await client.query(
        `insert into fhir.layout (resource_type, definition, index_form) values ($1, $2, $3)
         on conflict (resource_type) do update set definition = excluded.definition`,
        [resourceType, digest, INDEX_FORM],
      );
    });
    // The search parameters may have changed meanwhile, and with them what the table needs.
    if (registry.revision !== intended) return put(resourceType);
    there.add(resourceType);
    known.add(resourceType);
  }

  async function load(resourceTypes: readonly string[], db: Queryable = reader): Promise<void> {
    for (const type of resourceTypes) assertTypeName(type);
    const { rows } = await db.query<Layout>({
      name: 'layouts',
      text: 'select resource_type, definition from fhir.layout where resource_type = any($1::text[])',
      values: [resourceTypes],
    });
    forgetOldRevision();
    for (const { resource_type: type, definition } of rows) {
      there.add(type);
      if (definition === definitionDigest(tableDefinition(type, registry))) known.add(type);
    }
  }

  async function existing(resourceTypes: readonly string[], db?: Queryable): Promise<string[]> {
    const open = resourceTypes.filter((type) => !there.has(type));
    if (open.length > 0) await load(open, db);
    return resourceTypes.filter((type) => there.has(type));
  }

  return {
    existing,
    async exists(resourceType) {
      return there.has(resourceType) || (await existing([resourceType])).length > 0;
    },
    async ensure(resourceTypes) {
      forgetOldRevision();
      const open = [...new Set(resourceTypes)].filter((type) => !known.has(type));
      if (open.length === 0) return;
      await load(open);
      for (const resourceType of open) if (!known.has(resourceType)) await put(resourceType);
    },
  };
}
