/** Profiles, tags and security labels of the current resources of a type. https://hl7.org/fhir/R4/resource.html#Meta */
import type { Coding } from '@medplum/fhirtypes';
import type { Queryable } from '../db/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { Expression, SearchParameterRegistry } from '../search/index.ts';
import { compileExpression, tableName } from './search-sql/index.ts';

export interface LabelsInUse {
  readonly profile?: string[];
  readonly tag?: Coding[];
  readonly security?: Coding[];
}

/** Different combinations in one type: beyond them they are a dataset of their own. */
const COMBINATIONS_MAX = 10_000;

/** Each combination once. Reads the whole type. Throws 422 for too many. */
export async function labelsInUse(
  db: Queryable,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
): Promise<readonly LabelsInUse[]> {
  const values: unknown[] = [];
  const permitted = compileExpression(filter, { resourceType, registry, alias: 'r', values });
  const { rows } = await (db.openEnded ?? db).query<{
    profile: string | null;
    tag: string | null;
    security: string | null;
  }>(
    `select distinct (m->'profile')::text as profile, (m->'tag')::text as tag, (m->'security')::text as security
     from (select r.content::json->'meta' as m from ${tableName(resourceType)} r where not r.deleted and ${permitted}) labels
     limit ${COMBINATIONS_MAX + 1}`,
    values,
  );
  if (rows.length > COMBINATIONS_MAX)
    throw new FhirError(422, [
      issue('too-costly', `${resourceType} has more than ${COMBINATIONS_MAX} combinations of labels`),
    ]);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, json]) =>
        json === null ? [] : [[name, JSON.parse(json) as unknown]],
      ),
    ),
  );
}
