/** Extensions by their definitions: where they may stand, what they hold, how often. https://hl7.org/fhir/R4/extensibility.html */
import {
  type ExtensionContent,
  type ExtensionDefinition,
  standardExtension,
  structure,
} from '../fhir/definitions/index.ts';

import { furtherContexts } from './standard-errata.ts';

/** Definitions besides the standard's own. */
export type ExtensionLookup = (url: string) => ExtensionDefinition | undefined;

/** The element that has extensions. */
export interface Place {
  /** Path of its definition: `Patient.birthDate`; the type's name for a resource. */
  readonly path: string;
  /** Path of the element whose content it has too. */
  readonly sameAs?: string;
  /** Its data type. */
  readonly type: string;
  /** What its own definition knows, where it is an extension itself. */
  readonly known?: ExtensionContent | undefined;
  readonly url?: string | undefined;
}

const STANDARD = 'http://hl7.org/fhir/StructureDefinition/';

export type Lookup =
  | { readonly kind: 'known'; readonly content: ExtensionContent; readonly definition?: ExtensionDefinition }
  /** Nobody here has its definition. */
  | { readonly kind: 'open' }
  | { readonly kind: 'wrong'; readonly text: string; readonly severity?: 'warning' };

export function findExtension(url: string, place: Place, more: ExtensionLookup | undefined): Lookup {
  if (place.type === 'Extension' && !url.includes(':')) return part(url, place.known);
  const definition = standardExtension(url) ?? more?.(url);
  if (definition !== undefined) return { kind: 'known', content: definition, definition };
  if (!url.startsWith(STANDARD)) return { kind: 'open' };
  // Later releases and the packages of extensions define more of them, for R4 as well.
  return { kind: 'wrong', text: 'FHIR R4 has no extension of this url', severity: 'warning' };
}

function part(url: string, content: ExtensionContent | undefined): Lookup {
  if (content?.parts === undefined) return { kind: 'open' };
  if (Object.hasOwn(content.parts, url)) return { kind: 'known', content: content.parts[url]! };
  return { kind: 'wrong', text: `Here are only the extensions ${Object.keys(content.parts).join(', ')}` };
}

/** Specialised types may have what their base may. https://hl7.org/fhir/R4/datatypes.html */
const BASES: Readonly<Record<string, string>> = {
  Age: 'Quantity', Count: 'Quantity', Distance: 'Quantity', Duration: 'Quantity', code: 'string', id: 'string',
  markdown: 'string', url: 'uri', canonical: 'uri', oid: 'uri', uuid: 'uri', positiveInt: 'integer', unsignedInt: 'integer',
}; // prettier-ignore

/** Undefined when it may stand there; otherwise what it may stand on. */
export function contextFault(definition: ExtensionDefinition, place: Place): string | undefined {
  const { inExtensions = [] } = definition;
  const contexts = [...definition.contexts, ...furtherContexts(definition.url)];
  if (contexts.length === 0 && inExtensions.length === 0) return undefined;
  const isResource = place.path === place.type && structure(place.type)?.kind === 'resource';
  const stands = contexts.some(
    (context) =>
      context === place.path ||
      context === place.type ||
      context === place.sameAs ||
      context === 'Element' ||
      context === BASES[place.type] ||
      (isResource && (context === 'Resource' || context === 'DomainResource')),
  );
  if (stands || (place.url !== undefined && inExtensions.includes(place.url))) return undefined;
  return `This extension is for ${[...contexts, ...inExtensions].join(', ')}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What is wrong with the value of an extension. */
export function valueFault({ types, parts }: ExtensionContent, extension: object): string | undefined {
  const member = Object.keys(extension)
    .map((name) => name.replace(/^_/, ''))
    .find((name) => name.startsWith('value'));
  if (types.length === 0)
    return member !== undefined && parts !== undefined
      ? 'This extension has no value, but extensions inside'
      : undefined;
  const isOne =
    member === undefined ? parts !== undefined : types.some((type) => member === `value${capital(type)}`);
  return isOne ? undefined : `The value of this extension must be ${types.join(' or ')}`;
}
