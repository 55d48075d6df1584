/**
 * References between the entries of a transaction, and conditional references, become references to resources.
 * https://hl7.org/fhir/R4/http.html#trules
 */
import type { Resource } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';

const TEMPORARY = /^urn:(uuid|oid):/i;
const CONDITIONAL = /^[A-Z][A-Za-z]+\?.+/;

export interface Resolution {
  /** fullUrl of an entry → `Type/id`. */
  readonly byFullUrl: ReadonlyMap<string, string>;
  /** `Type?query` → `Type/id`. */
  readonly byCondition: ReadonlyMap<string, string>;
}

/** Every conditional reference in a resource, without duplicates. */
export function conditionalReferences(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') conditionalReferences(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const name in value) {
      const child = (value as Record<string, unknown>)[name];
      if (typeof child === 'object') conditionalReferences(child, found);
      else if (
        name === 'reference' &&
        typeof child === 'string' &&
        child.includes('?') &&
        CONDITIONAL.test(child)
      )
        found.add(child);
    }
  }
  return found;
}

/**
 * References, and any other value that is exactly the fullUrl of an entry (an Attachment's url), name resources
 * afterwards. The resource is changed in place: it is the request's own, and copying a bundle costs as much as parsing
 * it. Throws 400 for a temporary reference that no entry has.
 */
export function resolveReferences(resource: Resource, resolution: Resolution, place: string): Resource {
  const unknown = resolveChildren(resource, resolution);
  if (unknown !== undefined)
    throw badRequest(
      `No entry of the Bundle has the fullUrl ${unknown}`,
      `${place}${placeOf(resource, unknown)}`,
    );
  return resource;
}

/** Answers the first reference that leads nowhere. */
function resolveChildren(container: object, resolution: Resolution): string | undefined {
  if (Array.isArray(container)) {
    for (let i = 0; i < container.length; i += 1) {
      const item: unknown = container[i];
      const unknown = resolveChild(container as unknown as Container, i, '', item, resolution);
      if (unknown !== undefined) return unknown;
    }
    return undefined;
  }
  for (const name in container) {
    const child = (container as Container)[name];
    const unknown = resolveChild(container as Container, name, name, child, resolution);
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

type Container = Record<string | number, unknown>;

function resolveChild(
  container: Container,
  key: string | number,
  name: string,
  child: unknown,
  resolution: Resolution,
): string | undefined {
  if (typeof child === 'string') {
    const resolved = resolveText(child, resolution, name);
    if (resolved === undefined) return child;
    if (resolved !== child) container[key] = resolved;
  } else if (typeof child === 'object' && child !== null) return resolveChildren(child, resolution);
  return undefined;
}

/** Undefined for a temporary reference that no entry has. */
function resolveText(text: string, resolution: Resolution, name: string): string | undefined {
  const isReference = name === 'reference';
  // Looking up every text of a bundle would cost more than all the rest.
  if (!isReference && !isTemporary(text)) return text;
  const entry = resolution.byFullUrl.get(text);
  if (entry !== undefined) return entry;
  if (!isReference) return text;
  const match = resolution.byCondition.get(text);
  if (match !== undefined) return match;
  return isTemporary(text) ? undefined : text;
}

const isTemporary = (text: string): boolean =>
  (text.startsWith('urn:') || text.startsWith('URN:')) && TEMPORARY.test(text);

/** Where a reference stands, as FHIRPath below the resource; looked for only when it is to be refused. */
function placeOf(value: unknown, reference: string): string | undefined {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const rest = placeOf(item, reference);
      if (rest !== undefined) return `[${i}]${rest}`;
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) {
      if (name === 'reference' && child === reference) return '.reference';
      const rest = placeOf(child, reference);
      if (rest !== undefined) return `.${name}${rest}`;
    }
  }
  return undefined;
}
