/** Strings and URIs: https://hl7.org/fhir/R4/search.html#string and #uri */
import type { Address, HumanName } from '@medplum/fhirtypes';
import type { Node } from './select.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

/** Every text that is searched on its own. */
export function texts({ type, value }: Node): string[] {
  if (type === 'HumanName') {
    const { text, family, given = [], prefix = [], suffix = [] } = value as HumanName;
    return [text, family, ...given, ...prefix, ...suffix].filter(isText);
  }
  if (type === 'Address') {
    const { text, line = [], city, district, state, postalCode, country } = value as Address;
    return [text, ...line, city, district, state, postalCode, country].filter(isText);
  }
  return isText(value) ? [value] : [];
}

export const normalise = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/\s+/g, ' ').trim();

export function stringMatches(node: Node, wanted: string, modifier: string | undefined): boolean {
  return texts(node).some((text) => {
    if (modifier === 'exact') return text === wanted;
    if (modifier === 'contains') return normalise(text).includes(normalise(wanted));
    return normalise(text).startsWith(normalise(wanted));
  });
}

export function uriMatches({ type, value }: Node, wanted: string, modifier: string | undefined): boolean {
  if (!isText(value)) return false;
  const slash = (uri: string): string => (uri.endsWith('/') ? uri : `${uri}/`);
  // A canonical is found with and without its version.
  const forms = type === 'canonical' ? [value, value.split('|')[0]!] : [value];
  return forms.some((form) => {
    if (form === wanted) return true;
    if (modifier === 'below') return form.startsWith(slash(wanted));
    return modifier === 'above' && wanted.startsWith(slash(form));
  });
}
