/** The SearchParameters that were added at run time, as the database has them. https://hl7.org/fhir/R4/searchparameter.html */
import { createHash } from 'node:crypto';
import type { SearchParameter } from '@medplum/fhirtypes';
import type { Pool, PoolClient } from '../db/index.ts';
import { compartmentParameters, resourceTypes, searchParameters } from '../fhir/definitions/index.ts';
import {
  checkSearchParameter,
  SearchParameterRegistry,
  type SearchParameterSource,
} from '../search/index.ts';
import { INDEX_FORM } from '../storage/index.ts';

export interface CustomParameter {
  readonly id: string;
  readonly source: SearchParameterSource;
  /** Concrete types whose resources it indexes. */
  readonly types: readonly string[];
  /** Hash of what decides about the index. */
  readonly definition: string;
}

export interface CustomState {
  readonly parameters: readonly CustomParameter[];
  /** `Type.code`, or `Type.*`, of what cannot be searched by yet. */
  readonly unready: ReadonlySet<string>;
}

/** The standard's parameters alone: what a custom one is checked against. */
export const standardRegistry = new SearchParameterRegistry(searchParameters());

export const createRegistry = (): SearchParameterRegistry =>
  new SearchParameterRegistry(searchParameters(), (type) => compartmentParameters('Patient', type));

/** Active parameters in the order of their ids; what this server can no longer use is left out. */
export async function loadCustomParameters(db: Pool | PoolClient): Promise<CustomParameter[]> {
  // The table of a type exists from its first write on.
  const { rows: tables } = await db.query<{ known: boolean }>(
    `select to_regclass('fhir."SearchParameter"') is not null as known`,
  );
  if (tables[0]?.known !== true) return [];
  const { rows } = await db.query<{ id: string; content: string }>(
    `select id, content from fhir."SearchParameter"
     where not deleted and content::jsonb ->> 'status' = 'active' order by id`,
  );
  return rows.flatMap(({ id, content }) => {
    const resource = JSON.parse(content) as SearchParameter;
    return checkSearchParameter(resource, { standard: standardRegistry }).length === 0
      ? [customParameter(id, resource)]
      : [];
  });
}

/** With what is not ready: parameters without a finished job of their definition, and types in an older form. */
export async function loadCustomState(db: Pool | PoolClient): Promise<CustomState> {
  const parameters = await loadCustomParameters(db);
  const { rows: finished } = await db.query<{ parameter_id: string; definition: string }>(
    `select parameter_id, definition from fhir.reindex_job where state = 'done' and parameter_id is not null`,
  );
  const { rows: old } = await db.query<{ resource_type: string }>(
    'select resource_type from fhir.layout where index_form < $1',
    [INDEX_FORM],
  );
  const ready = new Set(finished.map((job) => `${job.parameter_id} ${job.definition}`));
  const waiting = parameters.filter((p) => !ready.has(`${p.id} ${p.definition}`));
  const unready = new Set(old.map(({ resource_type: type }) => `${type}.*`));
  for (const { types, source } of waiting) for (const type of types) unready.add(`${type}.${source.code}`);
  return { parameters, unready };
}

function customParameter(id: string, resource: SearchParameter): CustomParameter {
  const { url, code, base, type, expression, target, component } = resource;
  const isGeneral = base.some((name: string) => name === 'Resource' || name === 'DomainResource');
  const source: SearchParameterSource = {
    url,
    code,
    // All types and some of them once more would be one parameter twice.
    base: isGeneral ? ['Resource'] : [...new Set(base)],
    type,
    expression,
    target,
    component: component?.map((c) => ({ definition: c.definition, expression: c.expression })),
  };
  const { base: bases, ...rest } = source;
  const deciding = JSON.stringify([rest.code, rest.type, rest.expression, rest.component, [...bases].sort()]);
  return {
    id,
    source,
    types: isGeneral ? resourceTypes() : [...source.base].sort(),
    definition: createHash('sha256').update(deciding).digest('hex'),
  };
}
