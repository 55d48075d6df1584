/** The one strict parser of what a FHIR URL below the base means, for HTTP requests and for bundle entries. */
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest, notFound } from '../fhir/outcome.ts';

/** https://hl7.org/fhir/R4/http.html#summary */
export type Target =
  | { readonly kind: 'system' }
  | { readonly kind: 'metadata' }
  | { readonly kind: 'history-system' }
  | { readonly kind: 'type'; readonly resourceType: string }
  | { readonly kind: 'search'; readonly resourceType: string }
  | { readonly kind: 'history-type'; readonly resourceType: string }
  | { readonly kind: 'instance'; readonly resourceType: string; readonly id: string }
  | { readonly kind: 'history'; readonly resourceType: string; readonly id: string }
  | {
      readonly kind: 'version';
      readonly resourceType: string;
      readonly id: string;
      readonly versionId: string;
    };

/** What belongs to a resource type; all that an entry of a bundle may ask for. */
export type TypeTarget = Extract<Target, { readonly resourceType: string }>;

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** `path` is relative to the base, without a query: `Patient/1`. Throws 404 for what the server does not have, 400 for a malformed id. */
export function parseTarget(path: string): Target {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  const [resourceType = '', id, history, versionId] = segments;
  if (segments.length === 1 && resourceType === '') return { kind: 'system' };
  if (segments.length === 1 && resourceType === 'metadata') return { kind: 'metadata' };
  if (segments.length === 1 && resourceType === '_history') return { kind: 'history-system' };
  if (!isResourceType(resourceType))
    throw notFound(`There is no resource type or operation ${printable(resourceType)} here`);
  if (id === undefined) return { kind: 'type', resourceType };
  if (id === '_search' && history === undefined) return { kind: 'search', resourceType };
  if (id === '_history' && history === undefined) return { kind: 'history-type', resourceType };
  if (id.startsWith('$') || id.startsWith('_'))
    throw notFound(`${printable(id)} is not supported on ${resourceType}`);
  if (!ID.test(id))
    throw badRequest('An id has 1 to 64 letters, digits, hyphens and dots', `${resourceType}.id`);
  if (history === undefined) return { kind: 'instance', resourceType, id };
  if (history !== '_history' || segments.length > 4)
    throw notFound(`${printable(segments.slice(2).join('/'))} is not supported on ${resourceType}`);
  return versionId === undefined
    ? { kind: 'history', resourceType, id }
    : { kind: 'version', resourceType, id, versionId };
}

/** Text from a URL, fit for a message. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
