/** Narrative in both directions: XHTML is an element in XML, and a text in JSON. https://hl7.org/fhir/R4/narrative.html */
import type { SaxesTagNS } from 'saxes';
import { XHTML_NAMESPACE } from './xml-element.ts';

export const escapeText = (text: string): string =>
  /[&<>\r]/.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
    : text;

/** White space other than blanks would come back as blanks. */
export const escapeAttribute = (text: string): string =>
  /[&<"\t\n\r]/.test(text)
    ? text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('"', '&quot;')
        .replaceAll('\t', '&#9;')
        .replaceAll('\n', '&#10;')
        .replaceAll('\r', '&#13;')
    : text;

/** Writes down again what the parser tells of a narrative, without prefixes. */
export class XhtmlText {
  text = '';
  /** Open elements. */
  depth = 0;

  open({ local, attributes, isSelfClosing }: SaxesTagNS): void {
    const namespace = this.depth === 0 ? ` xmlns="${XHTML_NAMESPACE}"` : '';
    const others = Object.values(attributes)
      .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
      .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`);
    this.text += `<${local}${namespace}${others.join('')}${isSelfClosing ? '/>' : '>'}`;
    this.depth += 1;
  }

  close({ local, isSelfClosing }: SaxesTagNS): void {
    this.depth -= 1;
    if (!isSelfClosing) this.text += `</${local}>`;
  }

  say(text: string): void {
    this.text += escapeText(text);
  }
}

/** Named entities of HTML that narratives in JSON have now and then; XML knows five names only. */
const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: '&#160;',
  copy: '&#169;',
  reg: '&#174;',
  deg: '&#176;',
  plusmn: '&#177;',
  micro: '&#181;',
  middot: '&#183;',
  ndash: '&#8211;',
  mdash: '&#8212;',
  lsquo: '&#8216;',
  rsquo: '&#8217;',
  ldquo: '&#8220;',
  rdquo: '&#8221;',
  bull: '&#8226;',
  hellip: '&#8230;',
  trade: '&#8482;',
  le: '&#8804;',
  ge: '&#8805;',
};
const KNOWN = new Set(['amp', 'lt', 'gt', 'quot', 'apos']);

/** The `div` of a narrative as an element of XML. */
export function narrativeToXml(div: string): string {
  const named = div.replace(/&([A-Za-z][A-Za-z0-9]*);/g, (whole, name: string) =>
    KNOWN.has(name) ? whole : (ENTITIES[name] ?? `&amp;${name};`),
  );
  return /^\s*<div[^>]*\sxmlns\s*=/.test(named)
    ? named.trim()
    : named.trim().replace(/^<div/, `<div xmlns="${XHTML_NAMESPACE}"`);
}
