/** Reference parameters. https://hl7.org/fhir/R4/search.html#reference */
import type { LinkName } from '../expression.ts';
import { referenceKey } from '../index-row.ts';
import type { IndexSink } from '../index-sink.ts';
import { unescapeValue } from '../search-value.ts';
import { isElement, type ParameterType, type ValueContext } from './parameter-type.ts';
import { token } from './token.ts';

const RELATIVE = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

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

/** The parameter under which `:identifier` finds Reference.identifier, as a token. */
const identifierParam = (param: string): string => `${param}:identifier`;

/** What has a reference of the parameter to that type, but to a resource that is elsewhere or not named. */
export const narrowedParam = (param: string, target: string): string => `${param}:${target}`;

export const reference: ParameterType = {
  store: 'key',
  modifiers: {
    identifier: (param, text, context) => token.parse(identifierParam(param), text, context),
  },
  index: (param, value, sink, { baseUrl }) => indexReference(param, value, sink, baseUrl),
  parse: (param, text, { baseUrl }: ValueContext) => ({
    kind: 'key',
    keys: [referenceKey(param, relativeToBase(unescapeValue(text), baseUrl))],
  }),
};

/** With a link, a reference to `link.target` fills the column instead of becoming a key. */
export function indexReference(
  param: string,
  value: unknown,
  sink: IndexSink,
  baseUrl: string,
  link?: { readonly name: LinkName; readonly target: string },
): void {
  if (isElement(value) && isElement(value['identifier']))
    token.index(identifierParam(param), value['identifier'], sink, { baseUrl });
  const text = referenceText(value);
  if (text === undefined || text === '' || text.startsWith('#')) return;
  const relative = relativeToBase(text, baseUrl);
  const local = localReference(text, baseUrl);
  if (local === undefined) {
    sink.key(referenceKey(param, relative));
    // A canonical with a version is found by its url alone, a versioned URL by the URL of its resource.
    const unversioned = text.replace(/\|[^|]*$|\/_history\/[^/]+$/, '');
    if (unversioned !== text) sink.key(referenceKey(param, unversioned));
    return;
  }
  const plain = `${local.type}/${local.id}`;
  if (relative !== plain) sink.key(referenceKey(param, relative));
  if (link?.target === local.type) sink.link(link.name, local.id);
  else sink.key(referenceKey(param, plain));
}
