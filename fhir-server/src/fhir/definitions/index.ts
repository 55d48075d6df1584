/** The definitions of FHIR R4 (https://hl7.org/fhir/R4/): structures, search parameters, compartments, value sets. */
import type { SearchParameterDefinition, Structure } from './compact.ts';
import { loadDefinitions } from './load.ts';

export type { ElementDefinition, ElementType, SearchParameterDefinition, Structure } from './compact.ts';
export { standardCodeSystem, standardValueSet } from './terminology.ts';

const definitions = loadDefinitions();
const structures = new Map(Object.entries(definitions.structures));
const concrete = [...structures.values()]
  .filter((s) => s.kind === 'resource' && !s.abstract)
  .map((s) => s.name);
const concreteTypes = new Set(concrete);
const compartment = new Map(Object.entries(definitions.patientCompartment));

/** The concrete resource types, in the order of the standard. */
export const resourceTypes = (): readonly string[] => concrete;

export const isResourceType = (name: string): boolean => concreteTypes.has(name);

/** Of a resource or data type. */
export const structure = (name: string): Structure | undefined => structures.get(name);

/** The standard's own, in the order of the specification. */
export const searchParameters = (): readonly SearchParameterDefinition[] => definitions.searchParameters;

/** Codes of the parameters by which a type joins the compartment; undefined for types outside, and for Patient itself. */
export const compartmentParameters = (
  _compartment: 'Patient',
  resourceType: string,
): readonly string[] | undefined => compartment.get(resourceType);

const codesOf = new Map<string, ReadonlyMap<string, ReadonlySet<string>> | undefined>();

/** Code system → codes of a value set to which a required binding holds elements; undefined where they cannot be listed. */
export function valueSetCodes(canonical: string): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  if (!codesOf.has(canonical)) {
    const listed = definitions.valueSets[canonical];
    codesOf.set(
      canonical,
      listed && new Map(Object.entries(listed).map(([system, codes]) => [system, new Set(codes)])),
    );
  }
  return codesOf.get(canonical);
}
