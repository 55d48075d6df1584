/** Profiles, tags and security labels of the current resources of a type. https://hl7.org/fhir/R4/resource.html#Meta */
import type { Coding } from '@medplum/fhirtypes';
import { isDistributed, databaseFault, type Pool, withTransaction } from '../db/index.ts';
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

/** Each combination once. Reads the whole type, for as long as `timeoutMs`. Throws 422 beyond it, and for too many. */
export async function labelsInUse(
  pool: Pool,
  registry: SearchParameterRegistry,
  resourceType: string,
  filter: Expression,
  timeoutMs: number,
): Promise<readonly LabelsInUse[]> {
  const values: unknown[] = [];
  const permitted = compileExpression(filter, {
    resourceType,
    registry,
    alias: 'r',
    values,
    isDistributed: isDistributed(pool),
  });
  const text = `select distinct (m->'profile')::text as profile, (m->'tag')::text as tag, (m->'security')::text as security
    from (select r.content::json->'meta' as m from ${tableName(resourceType)} r where not r.deleted and ${permitted}) labels
    limit ${COMBINATIONS_MAX + 1}`;
  const rows = await readWithin(pool, timeoutMs, text, values);
  if (rows.length > COMBINATIONS_MAX)
    throw new FhirError(422, [
      issue('too-costly', `${resourceType} has more than ${COMBINATIONS_MAX} combinations of labels`),
    ]);
  return rows.map((row) =>
    Object.fromEntries(
      (Object.entries(row) as [string, string | null][]).flatMap(([name, json]) =>
        json === null ? [] : [[name, JSON.parse(json) as unknown]],
      ),
    ),
  );
}

interface LabelRow {
  readonly profile: string | null;
  readonly tag: string | null;
  readonly security: string | null;
}

async function readWithin(
  pool: Pool,
  timeoutMs: number,
  text: string,
  values: unknown[],
): Promise<readonly LabelRow[]> {
  try {
    return await withTransaction(pool, async (client) => {
      await client.query(`set local statement_timeout = ${Math.max(1, Math.floor(timeoutMs))}`);
      return (await client.query<LabelRow>(text, values)).rows;
    });
  } catch (error) {
    if (databaseFault(error) !== 'timeout') throw error;
    throw new FhirError(422, [
      issue('too-costly', 'There are too many resources to look at the labels of all; ask for one type, or one resource'), // prettier-ignore
    ]);
  }
}
