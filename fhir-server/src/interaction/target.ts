/** The one strict parser of what a FHIR URL below the base means, for HTTP requests and for bundle entries. */
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';

/** https://hl7.org/fhir/R4/http.html#summary */
export type Target = { readonly kind: 'metadata' } | SystemTarget | TypeTarget;

/** What goes over all types. */
export type SystemTarget =
  | { readonly kind: 'system' }
  | { readonly kind: 'search-system' }
  | { readonly kind: 'history-system' }
  | { readonly kind: 'operation-system'; readonly operation: string };

/** What belongs to a resource type. */
export type TypeTarget =
  | { readonly kind: 'type'; readonly resourceType: string }
  | { readonly kind: 'search'; readonly resourceType: string }
  | { readonly kind: 'history-type'; readonly resourceType: string }
  | { readonly kind: 'operation-type'; readonly resourceType: string; readonly operation: string }
  | InstanceTarget;

type InstanceTarget =
  | { readonly kind: 'instance'; readonly resourceType: string; readonly id: string }
  | { readonly kind: 'history'; readonly resourceType: string; readonly id: string }
  | {
      readonly kind: 'version';
      readonly resourceType: string;
      readonly id: string;
      readonly versionId: string;
    }
  | {
      readonly kind: 'operation-instance';
      readonly resourceType: string;
      readonly id: string;
      readonly operation: string;
    }
  /** `Patient/1/Observation`, or `Patient/1/*`; `isForm` where `_search` follows. */
  | {
      readonly kind: 'compartment';
      readonly resourceType: string;
      readonly id: string;
      readonly searched: string;
      readonly isForm: boolean;
    };

/** Not `.` and `..`, which on the way of a URL mean another address (RFC 3986 section 5.2.4). */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/;
const OPERATION = /^\$[a-z][a-z-]{0,63}$/;

/** `path` is relative to the base, without a query: `Patient/1`. Throws 404 for what the server does not have, 400 for a malformed id. */
export function parseTarget(path: string): Target {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  const [resourceType = '', id, ...more] = segments;
  if (id === undefined) {
    if (resourceType === '') return { kind: 'system' };
    if (resourceType === 'metadata') return { kind: 'metadata' };
    if (resourceType === '_search') return { kind: 'search-system' };
    if (resourceType === '_history') return { kind: 'history-system' };
    if (OPERATION.test(resourceType)) return { kind: 'operation-system', operation: resourceType };
  }
  if (!isResourceType(resourceType))
    throw notFound(`There is no resource type or operation ${printable(resourceType)} here`);
  if (id === undefined) return { kind: 'type', resourceType };
  if (more.length === 0) {
    if (id === '_search') return { kind: 'search', resourceType };
    if (id === '_history') return { kind: 'history-type', resourceType };
    if (OPERATION.test(id)) return { kind: 'operation-type', resourceType, operation: id };
  }
  if (id.startsWith('$') || id.startsWith('_'))
    throw notFound(`${printable(id)} is not supported on ${resourceType}`);
  if (!ID.test(id))
    throw badRequest('An id has 1 to 64 letters, digits, hyphens and dots', `${resourceType}.id`);
  return instanceTarget(resourceType, id, more);
}

function instanceTarget(resourceType: string, id: string, more: readonly string[]): InstanceTarget {
  const [what, which] = more;
  if (what === undefined) return { kind: 'instance', resourceType, id };
  if (OPERATION.test(what) && more.length === 1)
    return { kind: 'operation-instance', resourceType, id, operation: what };
  if (what === '_history' && more.length <= 2)
    return which === undefined
      ? { kind: 'history', resourceType, id }
      : { kind: 'version', resourceType, id, versionId: which };
  const isForm = which === '_search';
  if ((what === '*' || isResourceType(what)) && more.length === (isForm ? 2 : 1))
    return { kind: 'compartment', resourceType, id, searched: what, isForm };
  throw notFound(`${printable(more.join('/'))} is not supported on ${resourceType}`);
}

/** Text from a URL, fit for a message. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
