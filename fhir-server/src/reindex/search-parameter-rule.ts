/** What a SearchParameter must pass when it is written, and the job that indexes what is there already. */
import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { afterCommit, type PoolClient } from '../db/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { WriteRule } from '../interaction/index.ts';
import { checkSearchParameter } from '../search/index.ts';
import {
  loadCustomParameters,
  loadCustomState,
  standardRegistry,
  type CustomParameter,
  type CustomState,
} from './custom-parameters.ts';
import { hasJob, insertJob, retireJobs } from './job-store.ts';

const PARAMETERS_LOCK = 8105;

/** Writers of SearchParameters come one after the other, each seeing what those before him committed. */
export async function lockParameters(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [PARAMETERS_LOCK]);
}

export interface SearchParameterRuleOptions {
  readonly customParametersMax: number;
  /** Brings the registry of this process to the state after the commit. */
  readonly apply: (state: CustomState) => void;
}

/** Drafts and retired ones are stored and not applied. */
export function createSearchParameterRule(
  options: SearchParameterRuleOptions,
): Required<Pick<WriteRule, 'check' | 'record'>> {
  return {
    check(resource: Resource): Resource {
      const parameter = resource as SearchParameter;
      if (parameter.status !== 'active') return parameter;
      const issues = checkSearchParameter(parameter, { standard: standardRegistry });
      if (issues.length > 0) throw new FhirError(422, issues);
      return parameter;
    },
    async record(client, ids) {
      await lockParameters(client);
      const all = new Map((await loadCustomParameters(client)).map((p) => [p.id, p]));
      for (const id of ids) {
        const own = all.get(id);
        await retireJobs(client, id, own?.definition);
        if (own === undefined) continue;
        checkAmongOthers(own, [...all.values()], options.customParametersMax);
        const { definition, types } = own;
        if (!(await hasJob(client, id, definition)))
          await insertJob(client, { types, parameter: { id, definition } });
      }
      await client.query('notify search_parameter');
      const state = await loadCustomState(client);
      afterCommit(client, () => options.apply(state));
    },
  };
}

function checkAmongOthers(own: CustomParameter, all: readonly CustomParameter[], max: number): void {
  const refuse = (text: string, place: string): never => {
    throw new FhirError(422, [issue('business-rule', text, `SearchParameter.${place}`)]);
  };
  if (all.length > max)
    refuse(`there are ${max} active SearchParameters already, which is the limit`, 'status');
  for (const other of all) {
    if (other.id === own.id) continue;
    if (other.source.url === own.source.url) refuse(`SearchParameter/${other.id} has this url`, 'url');
    if (other.source.code !== own.source.code) continue;
    const shared = other.types.find((type) => own.types.includes(type));
    if (shared !== undefined) refuse(`SearchParameter/${other.id} has this code for ${shared}`, 'code');
  }
}
