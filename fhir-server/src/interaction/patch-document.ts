/** A patch as it comes: JSON Patch or FHIRPath Patch, and what it makes of a resource. https://hl7.org/fhir/R4/http.html#patch */
import type { Resource } from '@medplum/fhirtypes';
import {
  carryNumbers,
  hasKeptNumbers,
  markedToJson,
  markNumbers,
  parseJson,
  parseStored,
} from '../fhir/json/index.ts';
import { badRequest } from '../fhir/outcome.ts';
import { applyFhirPathPatch, applyJsonPatch } from '../fhir/patch/index.ts';

export type SentPatch =
  /** RFC 6902. */
  | { readonly kind: 'json-patch'; readonly operations: unknown }
  /** https://hl7.org/fhir/R4/fhirpatch.html */
  | { readonly kind: 'fhirpath-patch'; readonly parameters: unknown };

/** `change` is what an operation of this server makes of a resource. */
export type PatchDocument =
  SentPatch | { readonly kind: 'change'; readonly change: (resource: Resource) => Resource };

export const JSON_PATCH = 'application/json-patch+json';

/**
 * In a Bundle a JSON Patch comes as a Binary, a FHIRPath Patch as Parameters. Throws 400 for anything else, and for content
 * that is no JSON.
 */
export function parsePatchEntry(resource: unknown, place: string): SentPatch {
  const { resourceType, contentType, data } = (resource ?? {}) as Record<string, unknown>;
  if (resourceType === 'Parameters') return { kind: 'fhirpath-patch', parameters: resource };
  if (resourceType !== 'Binary')
    throw badRequest('A PATCH needs Parameters (FHIRPath Patch) or a Binary (JSON Patch)', place);
  if (typeof contentType !== 'string' || contentType.split(';')[0]?.trim().toLowerCase() !== JSON_PATCH)
    throw badRequest(`The Binary of a PATCH must be ${JSON_PATCH}`, `${place}.contentType`);
  if (typeof data !== 'string') throw badRequest('The Binary has no data', `${place}.data`);
  const bytes = Buffer.from(data, 'base64');
  try {
    return {
      kind: 'json-patch',
      operations: parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
    };
  } catch {
    throw badRequest('The data must be a JSON Patch in base64', `${place}.data`);
  }
}

/** The next state of a stored resource. What the patch does not touch stays as it is, decimals to the letter. */
export function applyPatch(document: PatchDocument, content: string): unknown {
  const resource = parseStored<Resource>(content);
  if (document.kind === 'fhirpath-patch') return applyFhirPathPatch(resource, document.parameters);
  if (document.kind === 'change') return carryNumbers(resource, document.change(resource));
  const { operations } = document;
  const patched = applyJsonPatch(resource, operations);
  if (!hasKeptNumbers(resource) && !hasKeptNumbers(operations)) return patched;
  // Once more, with numbers as texts that are carried along; comparing them was for the first time.
  const changes = (markNumbers(operations) as { op: string }[]).filter(({ op }) => op !== 'test');
  return parseJson(markedToJson(applyJsonPatch(markNumbers(resource), changes)));
}
