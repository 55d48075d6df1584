/** A search as text and as rows of a form. https://hl7.org/fhir/R4/search.html */

export interface Condition {
  readonly name: string;
  /** Without the colon; empty for none. */
  readonly modifier: string;
  /** Of numbers, dates and quantities; empty for none. */
  readonly prefix: string;
  readonly value: string;
}

/** As the CapabilityStatement tells it. */
export interface SearchParameter {
  readonly name: string;
  readonly type: string;
}

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
const MODIFIERS: Readonly<Record<string, readonly string[]>> = {
  string: ['contains', 'exact', 'missing'],
  token: ['not', 'text', 'in', 'not-in', 'above', 'below', 'of-type', 'missing'],
  reference: ['identifier', 'missing'],
  uri: ['above', 'below', 'missing'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  composite: ['missing'],
};

export const prefixesOf = (type: string | undefined): readonly string[] =>
  type === 'date' || type === 'number' || type === 'quantity' ? PREFIXES : [];

export const modifiersOf = (type: string | undefined): readonly string[] => MODIFIERS[type ?? ''] ?? [];

/** What a text of a search says, by the types of the parameters that are known. */
export function parseSearchText(text: string, parameters: readonly SearchParameter[]): Condition[] {
  return [...new URLSearchParams(text.replace(/^[^?]*\?/, ''))].map(([key, whole]) => {
    const colon = key.indexOf(':');
    const isChain = key.startsWith('_has:') || (colon >= 0 && key.includes('.', colon));
    const name = colon < 0 || isChain ? key : key.slice(0, colon);
    const modifier = colon < 0 || isChain ? '' : key.slice(colon + 1);
    const type = parameters.find((parameter) => parameter.name === name)?.type;
    const prefix = prefixesOf(type).find((word) => whole.startsWith(word) && /^\d|^-/.test(whole.slice(2)));
    return { name, modifier, prefix: prefix ?? '', value: whole.slice(prefix?.length ?? 0) };
  });
}

/** Rows without a name or a value are not searched by. */
export function searchTextOf(conditions: readonly Condition[]): string {
  const pairs = conditions
    .filter(({ name, value }) => name !== '' && value.trim() !== '')
    .map(({ name, modifier, prefix, value }): [string, string] => [
      modifier === '' ? name : `${name}:${modifier}`,
      `${modifier === 'missing' ? '' : prefix}${value.trim()}`,
    ]);
  // As people write it: `,`, `|`, `:` and `/` have a meaning in searches and none in a query.
  return new URLSearchParams(pairs)
    .toString()
    .replace(/%2C/g, ',')
    .replace(/%7C/g, '|')
    .replace(/%3A/g, ':')
    .replace(/%2F/g, '/')
    .replace(/%24/g, '$');
}
