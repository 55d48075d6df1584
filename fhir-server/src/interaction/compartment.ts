/** Which resources belong to a Patient or an Encounter. https://hl7.org/fhir/R4/compartmentdefinition.html */
import { compartmentParameters, resourceTypes } from '../fhir/definitions/index.ts';
import { notFound } from '../fhir/outcome.ts';
import { compartmentKey, type Expression, parseConditions } from '../search/index.ts';
import type { Server } from './server.ts';

export interface Compartment {
  readonly name: 'Patient' | 'Encounter';
  readonly id: string;
}

/** R4 lists for each type the parameter that leads to its Encounter: one of these where there is one. */
const ENCOUNTER_CODES = ['encounter', 'context'];

function encounterCode({ registry }: Server, resourceType: string): string | undefined {
  return ENCOUNTER_CODES.find((code) => {
    const parameter = registry.get(resourceType, code);
    return parameter?.type === 'reference' && parameter.target?.includes('Encounter') === true;
  });
}

/** Types whose resources can be in the compartment; the Patient or Encounter itself is, as `{def}` says. */
export function compartmentTypes(server: Server, { name }: Compartment): readonly string[] {
  const joins = (type: string): boolean =>
    name === 'Patient'
      ? compartmentParameters('Patient', type) !== undefined
      : encounterCode(server, type) !== undefined;
  return resourceTypes().filter((type) => type === name || joins(type));
}

/** Throws 404 for a type that is in no such compartment. */
export function compartmentFilter(
  server: Server,
  resourceType: string,
  { name, id }: Compartment,
): Expression {
  if (resourceType === name) return { kind: 'id', ids: [id] };
  if (name === 'Patient' && compartmentParameters('Patient', resourceType) !== undefined)
    return { kind: 'key', keys: [compartmentKey('Patient', id)] };
  const code = name === 'Encounter' ? encounterCode(server, resourceType) : undefined;
  if (code === undefined) throw notFound(`${resourceType} is not in the compartment of ${name}`);
  const { registry, config } = server;
  return parseConditions(resourceType, [[code, `Encounter/${id}`]], { registry, baseUrl: config.fhirBase });
}
