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
export function conditionalReferences(resource: unknown, found = new Set<string>()): Set<string> {
  visitReferences(resource, (reference) => {
    if (CONDITIONAL.test(reference)) found.add(reference);
  });
  return found;
}

function visitReferences(value: unknown, visit: (reference: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitReferences(item, visit);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, child] of Object.entries(value)) {
      if (name === 'reference' && typeof child === 'string') visit(child);
      else if (typeof child === 'object') visitReferences(child, visit);
    }
  }
}

/**
 * A copy in which references, and any other value that is exactly the fullUrl of an entry (an Attachment's url), name
 * resources. Throws 400 for a temporary reference that no entry has.
 */
export function resolveReferences(resource: Resource, resolution: Resolution, place: string): Resource {
  return resolveValue(resource, resolution, place, '') as Resource;
}

function resolveValue(value: unknown, resolution: Resolution, path: string, name: string): unknown {
  if (typeof value === 'string') return resolveText(value, resolution, path, name);
  if (Array.isArray(value))
    return value.map((item, i) => resolveValue(item, resolution, `${path}[${i}]`, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      resolveValue(child, resolution, `${path}.${key}`, key),
    ]),
  );
}

function resolveText(text: string, resolution: Resolution, path: string, name: string): string {
  const entry = resolution.byFullUrl.get(text);
  if (entry !== undefined && (name === 'reference' || TEMPORARY.test(text))) return entry;
  if (name !== 'reference') return text;
  const match = resolution.byCondition.get(text);
  if (match !== undefined) return match;
  if (TEMPORARY.test(text)) throw badRequest(`No entry of the Bundle has the fullUrl ${text}`, path);
  return text;
}
