/** The hospital put into a database as the server does it, a few thousand resources in a transaction. */
import type { Resource } from '@medplum/fhirtypes';
import { createPool, type Pool, withTransaction } from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { EMPTY_INDEX, extractIndex } from '../../../src/search/index.ts';
import { createResourceTables, type NewVersion, writeVersions } from '../../../src/storage/index.ts';
import type { TestServer } from '../../support/server.ts';
import { hospital, type Made } from './hospital.ts';

const BATCH = 2_000;
/** While PostgreSQL takes one batch, the next is made. */
const WRITERS = 2;
const BEGIN = Date.UTC(2025, 0, 1);

/** Every so manyth resource has an earlier version, every so manyth was deleted. */
const UPDATED_EVERY = 20;
const DELETED_EVERY = 211;
const KEPT = new Set([
  'Patient',
  'Encounter',
  'ValueSet',
  'CodeSystem',
  'List',
  'Practitioner',
  'Organization',
]);

/** Returns how many resources there are. */
export async function fill(server: Pick<TestServer, 'databaseUrl' | 'fhirBase'>): Promise<number> {
  const pool = createPool({
    databaseUrl: server.databaseUrl,
    databasePoolSize: WRITERS,
    statementTimeoutMs: 120_000,
  });
  try {
    const registry = createRegistry();
    const context = { registry, baseUrl: server.fhirBase };
    const tables = createResourceTables(pool, registry);
    const made = hospital();
    let count = 0;
    const changed: Made[] = [];
    const version = (resource: Made, versionId: number, lastUpdated: number): NewVersion => {
      const meta = { ...(resource['meta'] as object | undefined), versionId: `${versionId}`, lastUpdated: new Date(lastUpdated).toISOString() }; // prettier-ignore
      const stamped = { ...resource, meta } as unknown as Resource;
      const { resourceType, id } = resource;
      return {
        interaction: versionId === 1 ? 'create' : 'update',
        resourceType,
        id,
        versionId,
        lastUpdated,
        content: JSON.stringify(stamped),
        index: extractIndex(stamped, context),
        replaces: versionId > 1,
      };
    };
    const next = (): NewVersion[] => {
      const batch: NewVersion[] = [];
      while (batch.length < BATCH) {
        const step = made.next();
        if (step.done === true) break;
        count += 1;
        if (count % UPDATED_EVERY === 0) changed.push(step.value);
        batch.push(version(step.value, 1, BEGIN + count * 1_000));
      }
      return batch;
    };
    await writeAll(pool, registry, tables, next);
    let place = 0;
    const nextChange = (): NewVersion[] =>
      changed.splice(0, BATCH).map((resource) => {
        place += 1;
        const written = version(resource, 2, BEGIN + (count + place) * 1_000);
        const isDeletion = place % DELETED_EVERY === 0 && !KEPT.has(resource.resourceType);
        return isDeletion ? { ...written, interaction: 'delete', content: '', index: EMPTY_INDEX } : written;
      });
    await writeAll(pool, registry, tables, nextChange);
    await pool.query('vacuum analyze');
    return count;
  } finally {
    await pool.end();
  }
}

async function writeAll(
  pool: Pool,
  registry: ReturnType<typeof createRegistry>,
  tables: ReturnType<typeof createResourceTables>,
  next: () => NewVersion[],
): Promise<void> {
  const write = async (): Promise<void> => {
    for (let batch = next(); batch.length > 0; batch = next()) {
      await tables.ensure(batch.map((v) => v.resourceType));
      await withTransaction(pool, (client) => writeVersions(client, registry, batch));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}
