/** Whose a resource is: the Patients in whose compartment it lies, by its stored index where that tells. */
import type { Resource } from '@medplum/fhirtypes';
import type { Queryable } from '../db/index.ts';
import { compartmentIds, extractIndex, type ExtractContext } from '../search/index.ts';
import { linkColumns, tableName } from './search-sql/index.ts';

interface LinkRow {
  readonly id: string;
  readonly patient: string | null;
  readonly deleted: boolean;
}

/** `Type/id` → ids of Patients; what is not there, or is nobody's, is left out. The types' tables must exist. */
export async function findPatients(
  db: Queryable,
  context: ExtractContext,
  ids: ReadonlyMap<string, readonly string[]>,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const [resourceType, wanted] of ids) {
    if (resourceType === 'Patient') {
      for (const id of wanted) found.set(`Patient/${id}`, [id]);
      continue;
    }
    const unknown = linkColumns(context.registry, resourceType).includes('patient')
      ? await byLink(db, resourceType, wanted, found)
      : wanted;
    await byContent(db, context, resourceType, unknown, found);
  }
  return found;
}

/** Answers those whose index tells nothing: a deleted resource has none. */
async function byLink(
  db: Queryable,
  resourceType: string,
  ids: readonly string[],
  found: Map<string, readonly string[]>,
): Promise<string[]> {
  const { rows } = await db.query<LinkRow>(
    `select id, patient, deleted from ${tableName(resourceType)} where id = any($1::text[])`,
    [ids],
  );
  for (const { id, patient } of rows) if (patient !== null) found.set(`${resourceType}/${id}`, [patient]);
  return rows.filter(({ deleted }) => deleted).map(({ id }) => id);
}

/** Of a deleted resource, its last content counts. */
async function byContent(
  db: Queryable,
  context: ExtractContext,
  resourceType: string,
  ids: readonly string[],
  found: Map<string, readonly string[]>,
): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await db.query<{ id: string; deleted: boolean; content: string }>(
    `select id, deleted, content from ${tableName(resourceType)} where id = any($1::text[])`,
    [ids],
  );
  const gone = rows.filter(({ deleted }) => deleted).map(({ id }) => id);
  const contents = [
    ...rows.filter(({ deleted }) => !deleted),
    ...(gone.length === 0 ? [] : await lastContents(db, resourceType, gone)),
  ];
  for (const { id, content } of contents) {
    const patients = compartmentIds(extractIndex(JSON.parse(content) as Resource, context), 'Patient');
    if (patients.length > 0) found.set(`${resourceType}/${id}`, patients);
  }
}

async function lastContents(
  db: Queryable,
  resourceType: string,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly content: string }[]> {
  const { rows } = await db.query<{ id: string; content: string }>(
    `select distinct on (id) id, content from ${tableName(resourceType, '_history')}
     where id = any($1::text[]) and not deleted order by id, version_id desc`,
    [ids],
  );
  return rows;
}
