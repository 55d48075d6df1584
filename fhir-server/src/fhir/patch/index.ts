/** Patches of resources, applied and made of two versions: JSON Patch (RFC 6902) and FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html). */
export { diffResources } from './diff.ts';
export { applyFhirPathPatch } from './fhirpath-patch.ts';
export { applyJsonPatch } from './json-patch.ts';
