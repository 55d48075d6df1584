/** What a launch is about besides patient and encounter. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#fhir-context */
import { isResourceType } from '../fhir/definitions/index.ts';

export interface FhirContextItem {
  /** Relative: `ImagingStudy/1`. */
  readonly reference?: string;
  /** Absolute, with or without `|version`. */
  readonly canonical?: string;
  readonly identifier?: { readonly system?: string; readonly value: string };
  /** A resource type. */
  readonly type?: string;
  /** `launch` when it is missing; an absolute URI for roles that others define. */
  readonly role?: string;
}

const ITEMS_MAX = 20;
const TEXT_MAX = 1_000;
const REFERENCE = /^([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= TEXT_MAX;
const isAbsolute = (value: unknown): value is string =>
  isText(value) && /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(value) && URL.canParse(value);

/** The items, without members that the standard does not know; or in words what is wrong with them. */
export function parseFhirContext(given: unknown): readonly FhirContextItem[] | string {
  if (!Array.isArray(given) || given.length > ITEMS_MAX)
    return `fhirContext must be an array of at most ${ITEMS_MAX} objects`;
  const items: FhirContextItem[] = [];
  for (const item of given as unknown[]) {
    const parsed = parseItem(item);
    if (typeof parsed === 'string') return parsed;
    items.push(parsed);
  }
  return items;
}

function parseItem(item: unknown): FhirContextItem | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return 'fhirContext must hold objects only';
  const { reference, canonical, identifier, type, role } = item as Record<string, unknown>;
  if (reference === undefined && canonical === undefined && identifier === undefined)
    return 'each item of fhirContext must have a reference, a canonical or an identifier';
  if (role !== undefined && role !== 'launch' && !isAbsolute(role))
    return 'role in fhirContext must be launch or an absolute URI';
  if (type !== undefined && !(isText(type) && isResourceType(type)))
    return 'type in fhirContext must be a resource type';
  if (canonical !== undefined && !isAbsolute(canonical)) return 'canonical in fhirContext must be absolute';
  const named = reference === undefined ? undefined : referenceType(reference);
  if (reference !== undefined && named === undefined)
    return 'reference in fhirContext must be relative, such as ImagingStudy/1';
  if (named !== undefined && type !== undefined && type !== named)
    return 'type in fhirContext must be that of the reference';
  // These two have launch parameters of their own; here they stand for something else.
  const isLaunch = role === undefined || role === 'launch';
  if (isLaunch && [named, type].some((t) => t === 'Patient' || t === 'Encounter'))
    return 'Patient and Encounter in fhirContext must have a role other than launch';
  const known = identifier === undefined ? undefined : parseIdentifier(identifier);
  if (identifier !== undefined && known === undefined)
    return 'identifier in fhirContext must have a value, and a system that is a URI';
  return {
    ...(reference === undefined ? {} : { reference: reference as string }),
    ...(canonical === undefined ? {} : { canonical }),
    ...(known === undefined ? {} : { identifier: known }),
    ...(type === undefined ? {} : { type }),
    ...(role === undefined ? {} : { role }),
  };
}

function referenceType(reference: unknown): string | undefined {
  const type = isText(reference) ? REFERENCE.exec(reference)?.[1] : undefined;
  return type !== undefined && isResourceType(type) ? type : undefined;
}

function parseIdentifier(given: unknown): FhirContextItem['identifier'] {
  if (typeof given !== 'object' || given === null) return undefined;
  const { system, value } = given as Record<string, unknown>;
  if (!isText(value) || (system !== undefined && !isAbsolute(system))) return undefined;
  return { ...(system === undefined ? {} : { system }), value };
}
