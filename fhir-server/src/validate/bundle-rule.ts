/** Bundles: the identity of entries, and what documents and messages refer to. https://hl7.org/fhir/R4/bundle.html */
import { isResourceType } from '../fhir/definitions/index.ts';
import type { Environment } from '../fhir/fhirpath/index.ts';
import { isJson, type Json } from './json.ts';
import type { Walk } from './walk.ts';

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const REST = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;
const UUID = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const entriesOf = ({ entry }: Json): unknown[] => (Array.isArray(entry) ? (entry as unknown[]) : []);

/** What a reference from within the Bundle leads to; the index is made when the first comes. */
export function entryIndex(bundle: Json): Environment['resolve'] {
  let index: Map<string, unknown> | undefined;
  return (reference) => {
    index ??= indexOf(bundle);
    return index.get(reference.replace(/\/_history\/[^/]+$/, ''));
  };
}

function indexOf(bundle: Json): Map<string, unknown> {
  const index = new Map<string, unknown>();
  for (const entry of entriesOf(bundle)) {
    if (!isJson(entry) || !isJson(entry['resource'])) continue;
    const { fullUrl, resource } = entry;
    if (typeof resource['id'] === 'string') index.set(`${String(resource['resourceType'])}/${resource['id']}`, resource); // prettier-ignore
    if (typeof fullUrl === 'string') index.set(fullUrl, resource);
  }
  return index;
}

/** Beyond the invariants bdl-1 to bdl-12. */
export function checkBundle(walk: Walk, bundle: Json): void {
  const { type } = bundle;
  const isExchange = type === 'document' || type === 'message';
  const resolve = entryIndex(bundle)!;
  entriesOf(bundle).forEach((entry, i) => {
    if (!isJson(entry)) return;
    checkFullUrl(walk, entry, `.entry[${i}].fullUrl`);
    const { resource } = entry;
    if (!isExchange || !isJson(resource)) return;
    if (entry['fullUrl'] === undefined)
      walk.report('required', `Each entry of a ${type} has a fullUrl`, `.entry[${i}]`, 'warning');
    const isFirst = i === 0;
    for (const { text, place } of references(resource)) {
      if (text.startsWith('#') || resolve(text) !== undefined) continue;
      const at = `.entry[${i}].resource${place}`;
      if (/^urn:(uuid|oid):/.test(text))
        walk.report('not-found', `No entry of the ${type} has this as its fullUrl`, at);
      else if (isFirst && type === 'document')
        walk.report('not-found', 'A document contains what its Composition refers to', at, 'warning');
    }
  });
}

function checkFullUrl(walk: Walk, { fullUrl, resource }: Json, place: string): void {
  if (typeof fullUrl !== 'string') return;
  if (!ABSOLUTE.test(fullUrl)) walk.report('value', 'A fullUrl is absolute', place);
  else if (fullUrl.startsWith('urn:uuid:') && !UUID.test(fullUrl))
    walk.report('value', 'This is no UUID', place);
  const [, type = '', id] = REST.exec(fullUrl) ?? [];
  if (!isJson(resource) || !isResourceType(type)) return;
  if (resource['resourceType'] !== type || (resource['id'] !== undefined && resource['id'] !== id))
    walk.report('value', 'The fullUrl must end with the type and id of the resource', place);
}

/** All texts of members `reference`, each with its place. */
function* references(value: unknown, place = ''): Generator<{ text: string; place: string }> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) yield* references(value[i], `${place}[${i}]`);
    return;
  }
  if (!isJson(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'reference' && typeof inner === 'string') yield { text: inner, place: `${place}.reference` };
    else if (typeof inner === 'object') yield* references(inner, `${place}.${name}`);
  }
}
