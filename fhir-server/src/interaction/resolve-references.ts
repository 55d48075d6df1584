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

interface Lookup extends Resolution {
  /** Of the entry, with a slash at its end. */
  readonly base: string | undefined;
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
 * References, links in the narrative, and any other value that is exactly a temporary fullUrl of an entry (an Attachment's
 * url), name resources afterwards. The resource is changed in place: it is the request's own, and copying a bundle costs as
 * much as parsing it. Relative references are looked up below the base of the entry's own `fullUrl`. Throws 400 for a
 * temporary reference that no entry has.
 */
export function resolveReferences(
  resource: Resource,
  { byFullUrl, byCondition }: Resolution,
  place: string,
  fullUrl?: string,
): Resource {
  const base = /^(https?:\/\/.+\/)[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl ?? '')?.[1];
  const unknown = resolveChildren(resource, { byFullUrl, byCondition, base });
  if (unknown !== undefined)
    throw badRequest(
      `No entry of the Bundle has the fullUrl ${unknown}`,
      `${place}${placeOf(resource, unknown)}`,
    );
  return resource;
}

/** Answers the first reference that leads nowhere. */
function resolveChildren(container: object, resolution: Lookup): string | undefined {
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
  resolution: Lookup,
): string | undefined {
  if (typeof child === 'string') {
    const resolved = resolveText(child, resolution, name);
    if (resolved === undefined) return child;
    if (resolved !== child) container[key] = resolved;
  } else if (typeof child === 'object' && child !== null) return resolveChildren(child, resolution);
  return undefined;
}

/** Undefined for a temporary reference that no entry has. */
function resolveText(text: string, lookup: Lookup, name: string): string | undefined {
  if (name === 'div') return resolveLinks(text, lookup.byFullUrl);
  const isReference = name === 'reference';
  // Looking up every text of a bundle would cost more than all the rest.
  if (!isReference && (!isTemporary(text) || name === 'value')) return text;
  const entry = lookup.byFullUrl.get(text) ?? (isReference ? byRelative(text, lookup) : undefined);
  if (entry !== undefined) return entry;
  if (!isReference) return text;
  const match = lookup.byCondition.get(text);
  if (match !== undefined) return match;
  return isTemporary(text) ? undefined : text;
}

/** https://hl7.org/fhir/R4/bundle.html#references */
const byRelative = (text: string, { byFullUrl, base }: Lookup): string | undefined =>
  base === undefined ? undefined : byFullUrl.get(`${base}${text}`);

/** `<a href>` and `<img src>` of the narrative. */
const resolveLinks = (div: string, byFullUrl: Resolution['byFullUrl']): string =>
  div.replace(
    /(\s(?:href|src)\s*=\s*)(?:"([^"<]+)"|'([^'<]+)')/g,
    (whole, before: string, a?: string, b?: string) => {
      const entry = byFullUrl.get(a ?? b ?? '');
      return entry === undefined ? whole : `${before}"${entry}"`;
    },
  );

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
