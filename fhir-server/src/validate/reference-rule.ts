/** References that the resource, or the Bundle around it, resolves itself, and what they say of their target. https://hl7.org/fhir/R4/references.html */
import { isResourceType } from '../fhir/definitions/index.ts';
import type { Environment } from '../fhir/fhirpath/index.ts';
import { isJson, type Json } from './json.ts';
import type { MemberPlan } from './plan.ts';
import type { Walk } from './walk.ts';

const REST = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Constraint ref-1, target types, and `Reference.type`. `below`: where the text stands. */
export function checkReference(
  walk: Walk,
  { targets }: MemberPlan,
  { reference, type }: Json,
  { resolve }: Environment,
  below: string,
): void {
  let target: unknown;
  if (typeof reference === 'string') {
    if (reference.startsWith('#') && reference.length > 1) {
      target = typeOf(resolve?.(reference));
      if (target === undefined)
        walk.report('invariant', 'There is no contained resource of this id (ref-1)', below);
    } else if (below === '') return;
    else if (reference.startsWith('urn:')) target = typeOf(resolve?.(reference));
    else {
      const [, named = ''] = REST.exec(reference) ?? [];
      target = isResourceType(named) ? named : undefined;
    }
    // What a URL says of its target is checked with the structure.
    if (typeof target === 'string' && /^(#|urn:)/.test(reference) && targets?.includes(target) === false)
      walk.report('value', `The reference must be to ${targets.join(' or ')}, not to ${target}`, below);
  }
  if (typeof type !== 'string' || !isResourceType(type)) return;
  if (typeof target === 'string' && target !== type)
    walk.report('value', `The type must be ${target}, as the reference says`, '.type');
  else if (targets?.includes(type) === false)
    walk.report('value', `The reference must be to ${targets.join(' or ')}, not to ${type}`, '.type');
}

const typeOf = (resource: unknown): unknown => (isJson(resource) ? resource['resourceType'] : undefined);
