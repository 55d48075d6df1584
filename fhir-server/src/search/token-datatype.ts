/** What the datatype of its elements means for a token parameter. https://hl7.org/fhir/R4/search.html#token */
import {
  type ElementDefinition,
  standardValueSet,
  structure,
  valueSetCodes,
} from '../fhir/definitions/index.ts';
import { expressionParts } from './expression-parts.ts';
import type { SupportedParameter } from './search-parameter-registry.ts';

/** Code system → its codes that an element may have, or all of them where they cannot be listed. */
export type ImplicitSystems = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

export interface TokenDatatype {
  /** Of datatype string, which is compared without regard to case. */
  readonly isText: boolean;
  /** Of datatypes that leave the system out: it is the one that the standard binds the element to. */
  readonly implicit?: ImplicitSystems;
}

const UNKNOWN: TokenDatatype = { isText: false };
/** https://hl7.org/fhir/R4/search.html#token: the table's line of boolean. */
const BOOLEANS: ImplicitSystems = new Map([
  ['http://terminology.hl7.org/CodeSystem/special-values', new Set(['true', 'false'])],
]);

/** A parameter may stand for several types, and for another datatype in each. */
const known = new WeakMap<SupportedParameter, Map<string, TokenDatatype>>();

export function tokenDatatype(parameter: SupportedParameter, resourceType: string): TokenDatatype {
  let ofTypes = known.get(parameter);
  if (!ofTypes) known.set(parameter, (ofTypes = new Map<string, TokenDatatype>()));
  let datatype = ofTypes.get(resourceType);
  if (!datatype) ofTypes.set(resourceType, (datatype = findDatatype(parameter, resourceType)));
  return datatype;
}

function findDatatype({ type, expression }: SupportedParameter, resourceType: string): TokenDatatype {
  if (type !== 'token' || expression === undefined) return UNKNOWN;
  const elements = expressionParts(expression, resourceType).map((part) => elementAt(part, resourceType));
  if (elements.length === 0) return UNKNOWN;
  const isOf = (datatype: string): boolean =>
    elements.every((e) => e?.types.length === 1 && e.types[0]!.code === datatype);
  if (isOf('string')) return { isText: true };
  if (isOf('boolean')) return { isText: false, implicit: BOOLEANS };
  return isOf('code') ? { isText: false, implicit: boundSystems(elements) } : UNKNOWN;
}

function boundSystems(elements: readonly (ElementDefinition | undefined)[]): ImplicitSystems {
  const systems = new Map<string, ReadonlySet<string> | 'all'>();
  for (const element of elements)
    for (const [system, codes] of element?.requiredBinding ? systemsOf(element.requiredBinding) : []) {
      const before = systems.get(system);
      systems.set(
        system,
        before === 'all' || codes === 'all' ? 'all' : new Set([...(before ?? []), ...codes]),
      );
    }
  return systems;
}

function systemsOf(valueSet: string): ImplicitSystems {
  const listed = valueSetCodes(valueSet);
  if (listed) return listed;
  const include = standardValueSet(valueSet)?.compose?.include ?? [];
  return new Map(include.flatMap(({ system }) => (system === undefined ? [] : [[system, 'all'] as const])));
}

/** The element that a plain path such as `Patient.address.use` leads to; undefined for anything more than that. */
function elementAt(path: string, resourceType: string): ElementDefinition | undefined {
  if (!/^[A-Z][A-Za-z]+(\.[a-z][A-Za-z]*)+$/.test(path)) return undefined;
  let of = resourceType;
  let at = resourceType;
  let found: ElementDefinition | undefined;
  for (const step of path.split('.').slice(1)) {
    at += `.${step}`;
    found = structure(of)?.elements.find((e) => e.path === at);
    if (!found) return undefined;
    if (found.contentReference !== undefined) at = found.contentReference;
    else if (hasOwnStructure(found)) of = at = found.types[0]!.code;
  }
  return found;
}

/** Elements of an Address are defined by Address, those of a BackboneElement where it stands. */
const hasOwnStructure = ({ types }: ElementDefinition): boolean =>
  types.length === 1 &&
  !types[0]!.code.endsWith('Element') &&
  structure(types[0]!.code)?.kind === 'complex-type';
