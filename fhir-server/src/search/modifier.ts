/** Modifiers of a search parameter's name. https://hl7.org/fhir/R4/search.html#modifiers */
import { notSupported } from '../fhir/outcome.ts';
import type { SupportedParameter } from './search-parameter-registry.ts';
import { badValue } from './search-value.ts';

export type Modifier = { readonly kind: 'not' } | { readonly kind: 'type'; readonly resourceType: string };

/** `text` follows the first colon of the name. Throws FhirError 400 `not-supported` for what cannot be done yet. */
export function parseModifier(parameter: SupportedParameter, text: string): Modifier {
  if (text === 'not' && parameter.type === 'token' && parameter.code !== '_id') return { kind: 'not' };
  if (parameter.type === 'reference' && parameter.target?.includes(text) === true)
    return { kind: 'type', resourceType: text };
  const name = `${parameter.code}:${text}`;
  throw notSupported(`Modifier :${text} of search parameter ${parameter.code} is not supported.`, name);
}

/** `subject:Patient=123` means `subject=Patient/123`. */
export function typedReference(name: string, resourceType: string, text: string): string {
  const id = text.startsWith(`${resourceType}/`) ? text.slice(resourceType.length + 1) : text;
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw badValue(name, `not the id of a ${resourceType}`);
  return `${resourceType}/${id}`;
}
