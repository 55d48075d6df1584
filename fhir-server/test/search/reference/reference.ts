/** References: https://hl7.org/fhir/R4/search.html#reference */
import type { Reference } from '@medplum/fhirtypes';
import type { Node } from './select.ts';
import { unescape } from './split.ts';
import { tokenEquals } from './token.ts';

/** A literal URL, relative where it is below our own base, without its version. */
export function address(node: Node, baseUrl: string): string | undefined {
  const url = typeof node.value === 'string' ? node.value : (node.value as Reference).reference;
  return url === undefined ? undefined : local(url, baseUrl);
}

const local = (url: string, baseUrl: string): string =>
  url.replace(`${baseUrl}/`, '').replace(/\/_history\/[^/]+$/, '');

export function referenceMatches(
  node: Node,
  text: string,
  modifier: string | undefined,
  baseUrl: string,
): boolean {
  if (modifier === 'identifier') {
    const { identifier } = node.value as Reference;
    return identifier !== undefined && tokenEquals({ ...identifier, code: identifier.value }, text);
  }
  const wanted = local(unescape(text), baseUrl);
  const stored = address(node, baseUrl);
  if (stored === undefined) return false;
  if (modifier !== undefined) return stored === `${modifier}/${wanted}`;
  if (node.type === 'canonical') return stored === wanted || stored.split('|')[0] === wanted;
  if (stored === wanted) return true;
  // An id alone: of whatever type, but here.
  return !wanted.includes('/') && /^[A-Z][A-Za-z]+\/[^/]+$/.test(stored) && stored.split('/')[1] === wanted;
}
