/** The definitions of FHIR R4 (https://hl7.org/fhir/R4/): structures, search parameters, compartments, value sets. */
import type { ConstraintDefinition, SearchParameterDefinition, Structure } from './compact.ts';
import { loadDefinitions } from './load.ts';

export type {
  ConstraintDefinition,
  ElementDefinition,
  ElementType,
  SearchParameterDefinition,
  Structure,
} from './compact.ts';
export { compactExtension, type ExtensionContent, type ExtensionDefinition } from './extension.ts';
export { standardExtension } from './extensions.ts';
export {
  listedCodes,
  standardCodeSystem,
  standardCodeSystems,
  standardConceptMaps,
  standardValueSet,
  standardValueSets,
} from './terminology.ts';
export { standardStructureDefinition } from './profiles.ts';

const definitions = loadDefinitions();
const structures = new Map(Object.entries(definitions.structures));
const concrete = [...structures.values()]
  .filter((s) => s.kind === 'resource' && !s.abstract)
  .map((s) => s.name);
const concreteTypes = new Set(concrete);
const choices = findChoices();
const compartment = new Map(Object.entries(definitions.patientCompartment));

function findChoices(): { names: Set<string>; types: Set<string> } {
  const names = new Set<string>();
  const types = new Set<string>();
  for (const { elements } of structures.values())
    for (const { path, types: of } of elements) {
      if (!path.endsWith('[x]')) continue;
      names.add(path.slice(path.lastIndexOf('.') + 1, -3));
      for (const { code } of of) types.add(code.charAt(0).toUpperCase() + code.slice(1));
    }
  return { names, types };
}

/** The concrete resource types, in the order of the standard. */
export const resourceTypes = (): readonly string[] => concrete;

export const isResourceType = (name: string): boolean => concreteTypes.has(name);

/** Of a resource or data type. */
export const structure = (name: string): Structure | undefined => structures.get(name);

/** By the places that structures and elements name. */
export const constraint = (place: number): ConstraintDefinition => definitions.constraints[place]!;

/** Names of elements that are choices of type somewhere, without `[x]`. */
export const choiceNames = (): ReadonlySet<string> => choices.names;

/** What the JSON member of a choice element may end with: `Quantity`, `DateTime`. */
export const choiceTypes = (): ReadonlySet<string> => choices.types;

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
