/** The value of a resource's JSON → XML, elements in the order of the definitions. https://hl7.org/fhir/R4/xml.html */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { numberText } from '../json/index.ts';
import { escapeAttribute, narrativeToXml } from './xhtml.ts';
import { childrenOf, FHIR_NAMESPACE, type XmlElement } from './xml-element.ts';

type Json = Readonly<Record<string, unknown>>;

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Entries of a Bundle after which other requests get their turn. */
const ENTRIES_PER_TURN = 50;

/** `isPretty`: indented, an element a line. */
export const serializeXml = (resource: object, isPretty = false): string =>
  `${DECLARATION}${isPretty ? '\n' : ''}${new Writer(isPretty).resource(resource as Json, 0)}`;

/** The same for a Bundle of any size. */
export async function serializeXmlInTurns(resource: object, isPretty = false): Promise<string> {
  const { entry, ...bundle } = resource as Json;
  if (!Array.isArray(entry) || entry.length <= ENTRIES_PER_TURN) return serializeXml(resource, isPretty);
  const writer = new Writer(isPretty);
  let entries = '';
  for (const [i, item] of entry.entries()) {
    if (i % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) await nextTurn();
    entries += writer
      .resource({ resourceType: 'Bundle', entry: [item] }, 0)
      .replace(/^<Bundle[^>]*>\n?|<\/Bundle>\n?$/g, '');
  }
  // What stands behind the entries is the signature.
  const around = serializeXml({ ...bundle, entry: [{ fullUrl: PLACE }] }, isPretty);
  return around.replace(PLACE_ELEMENT, () => entries);
}

const PLACE = 'urn:place-of-entries';
const PLACE_ELEMENT = new RegExp(`[ ]*<entry>\\s*<fullUrl value="${PLACE}"/>\\s*</entry>\\n?`);

class Writer {
  readonly #isPretty: boolean;

  constructor(isPretty: boolean) {
    this.#isPretty = isPretty;
  }

  resource(resource: Json, depth: number): string {
    const type = String(resource['resourceType']);
    const inside = this.#children(resource, type, depth + 1);
    return this.#element(type, depth === 0 ? ` xmlns="${FHIR_NAMESPACE}"` : '', inside, depth);
  }

  #children(json: Json, path: string, depth: number): string {
    const definitions = childrenOf(path);
    const found: XmlElement[] = [];
    for (const member in json) {
      const element = definitions.get(member.startsWith('_') ? member.slice(1) : member);
      if (element === undefined || (member.startsWith('_') && Object.hasOwn(json, element.name))) continue;
      found.push(element);
    }
    found.sort((a, b) => a.order - b.order);
    let text = '';
    for (const element of found) text += this.#member(json, element, depth);
    return text;
  }

  #member(json: Json, element: XmlElement, depth: number): string {
    const { name } = element;
    const value = json[name];
    const sibling = json[`_${name}`];
    if (!Array.isArray(value) && !Array.isArray(sibling))
      return this.#one(json, name, value, sibling as Json | undefined, element, depth);
    const values = (value ?? []) as unknown[];
    const siblings = (sibling ?? []) as (Json | null)[];
    let text = '';
    for (let i = 0; i < Math.max(values.length, siblings.length); i += 1)
      text += this.#one(values, i, values[i], siblings[i] ?? undefined, element, depth);
    return text;
  }

  #one(
    container: object,
    member: string | number,
    value: unknown,
    sibling: Json | undefined,
    { name, kind, path }: XmlElement,
    depth: number,
  ): string {
    if (kind === 'primitive') {
      const text = typeof value === 'number' ? numberText(container, member, value) : primitiveText(value);
      const attributes = `${idOf(sibling)}${text === undefined ? '' : ` value="${escapeAttribute(text)}"`}`;
      return this.#element(name, attributes, sibling ? this.#children(sibling, path, depth + 1) : '', depth);
    }
    if (kind === 'xhtml')
      return `${this.#indent(depth)}${narrativeToXml(String(value))}${this.#isPretty ? '\n' : ''}`;
    const json = value as Json;
    if (kind === 'resource') return this.#element(name, '', this.resource(json, depth + 1), depth);
    const url = json['url'];
    const attributes =
      path === 'Extension' && typeof url === 'string' ? ` url="${escapeAttribute(url)}"` : '';
    return this.#element(name, `${idOf(json)}${attributes}`, this.#children(json, path, depth + 1), depth);
  }

  #element(name: string, attributes: string, inside: string, depth: number): string {
    const [indent, line] = this.#isPretty ? [this.#indent(depth), '\n'] : ['', ''];
    return inside === ''
      ? `${indent}<${name}${attributes}/>${line}`
      : `${indent}<${name}${attributes}>${line}${inside}${indent}</${name}>${line}`;
  }

  #indent(depth: number): string {
    return this.#isPretty ? '  '.repeat(depth) : '';
  }
}

const idOf = (json: Json | undefined): string =>
  typeof json?.['id'] === 'string' ? ` id="${escapeAttribute(json['id'])}"` : '';

const primitiveText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
