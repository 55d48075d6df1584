/** Reference parameters. https://hl7.org/fhir/R4/search.html#reference */
import { referenceIdKey, referenceKey } from '../index-row.ts';
import { unescapeValue } from '../search-value.ts';
import { isElement, type ParameterType } from './parameter-type.ts';

const RELATIVE = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

export interface LocalReference {
  readonly type: string;
  readonly id: string;
}

/** Own absolute URLs become relative; everything else stays as it is. */
export const relativeToBase = (reference: string, baseUrl: string): string =>
  reference.startsWith(baseUrl) && reference[baseUrl.length] === '/'
    ? reference.slice(baseUrl.length + 1)
    : reference;

/** Type and id of a reference to a resource of this server, versioned or not; undefined for any other. */
export function localReference(reference: string, baseUrl: string): LocalReference | undefined {
  const found = RELATIVE.exec(relativeToBase(reference, baseUrl));
  return found ? { type: found[1]!, id: found[2]! } : undefined;
}

/** The text of a Reference, canonical or uri, or of a resource that stands in its place (Bundle.entry). */
export function referenceText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isElement(value)) return undefined;
  if (typeof value['reference'] === 'string') return value['reference'];
  if (typeof value['resourceType'] === 'string' && typeof value['id'] === 'string')
    return `${value['resourceType']}/${value['id']}`;
  return undefined;
}

export const reference: ParameterType = {
  index(param, value, sink, { baseUrl }) {
    const text = referenceText(value);
    if (text === undefined || text === '' || text.startsWith('#')) return;
    const relative = relativeToBase(text, baseUrl);
    sink.key(referenceKey(param, relative));
    const local = localReference(text, baseUrl);
    if (local) {
      sink.key(referenceKey(param, `${local.type}/${local.id}`));
      sink.key(referenceIdKey(param, local.id));
      return;
    }
    // A canonical with a version is found by its url alone, a versioned URL by the URL of its resource.
    const unversioned = text.replace(/\|[^|]*$|\/_history\/[^/]+$/, '');
    if (unversioned !== text) sink.key(referenceKey(param, unversioned));
  },

  parse(param, text, { baseUrl }) {
    const value = unescapeValue(text);
    if (ID.test(value)) return { kind: 'key', keys: [referenceIdKey(param, value)] };
    return { kind: 'key', keys: [referenceKey(param, relativeToBase(value, baseUrl))] };
  },
};
