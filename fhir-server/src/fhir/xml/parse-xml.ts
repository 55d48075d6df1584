/** XML text → the value that the JSON of the same resource has. https://hl7.org/fhir/R4/xml.html */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { isResourceType } from '../definitions/index.ts';
import { JSON_DEPTH_MAX, keepNumber, settleNumbers } from '../json/index.ts';
import { badRequest, type FhirError, unsupportedMediaType } from '../outcome.ts';
import { childrenOf, FHIR_NAMESPACE, XHTML_NAMESPACE, type XmlElement } from './xml-element.ts';
import { XhtmlText } from './xhtml.ts';

/** A longer text is worked on piece by piece, so that other requests get their turn: some 10 ms each. */
const PIECE = 200_000;

type Json = Record<string, unknown>;

/** An element that is open. */
interface Frame {
  readonly element: XmlElement | undefined;
  /** Where its children are defined; of a container of resources empty. */
  readonly path: string;
  readonly json: Json;
  /** FHIRPath. */
  readonly at: string;
  /** Of a primitive. */
  readonly value?: string | undefined;
}

/**
 * Throws FhirError 400 with line and column for what is no XML or has a DOCTYPE, and with the place of the element for what no
 * resource of FHIR has; 415 for another encoding. Values are not looked at: that is for the validation, as with JSON.
 */
export async function parseXml(text: string): Promise<unknown> {
  const reader = new ResourceReader();
  for (let at = 0; at < text.length; at += PIECE) {
    if (at > 0) await nextTurn();
    reader.write(text.slice(at, at + PIECE));
  }
  return reader.end();
}

class ResourceReader {
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #frames: Frame[] = [];
  #xhtml: XhtmlText | undefined;
  #root: Json | undefined;

  constructor() {
    const parser = this.#parser;
    parser.on('error', () => this.#refuse('The body is not well-formed XML'));
    parser.on('doctype', () => this.#refuse('XML with a DOCTYPE is not accepted'));
    parser.on('processinginstruction', () =>
      this.#refuse('XML with processing instructions is not accepted'),
    );
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(encoding))
        throw unsupportedMediaType('Only UTF-8 is supported', 'http.body');
    });
    parser.on('opentag', (tag) => this.#open(tag));
    parser.on('closetag', (tag) => this.#close(tag));
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
  }

  write(piece: string): void {
    this.#parser.write(piece);
  }

  end(): unknown {
    this.#parser.close();
    if (this.#root === undefined) throw this.#refuse('The body has no resource');
    settleNumbers(this.#root);
    return this.#root;
  }

  #open(tag: SaxesTagNS): void {
    if (this.#frames.length + (this.#xhtml?.depth ?? 0) >= JSON_DEPTH_MAX)
      throw badRequest(`The XML is nested more than ${JSON_DEPTH_MAX} levels deep`, 'http.body');
    if (this.#xhtml) {
      if (tag.uri !== XHTML_NAMESPACE) this.#refuse('A narrative has elements of XHTML only');
      this.#xhtml.open(tag);
      return;
    }
    const parent = this.#frames.at(-1);
    if (parent === undefined || parent.element?.kind === 'resource') this.#openResource(tag, parent);
    else this.#openElement(tag, parent);
  }

  #openResource({ local, uri, attributes }: SaxesTagNS, parent: Frame | undefined): void {
    if (uri !== FHIR_NAMESPACE) this.#refuse(`A resource is in the namespace ${FHIR_NAMESPACE}`);
    if (!isResourceType(local)) this.#refuse('There is no resource type of this name in FHIR R4');
    if (parent !== undefined && Object.keys(parent.json).length > 0)
      this.#refuse('There is one resource here only');
    const json: Json = parent?.json ?? {};
    json['resourceType'] = local;
    this.#root ??= json;
    this.#checkAttributes(attributes, new Set());
    this.#frames.push({ element: undefined, path: local, json, at: parent?.at ?? local });
  }

  #openElement(tag: SaxesTagNS, parent: Frame): void {
    const { local, uri, attributes } = tag;
    const element = childrenOf(parent.path).get(local);
    const at = `${parent.at}.${local}`;
    if (element === undefined || parent.element?.kind === 'xhtml')
      throw this.#refuse('There is no such element here', at);
    if (element.kind === 'xhtml') {
      if (uri !== XHTML_NAMESPACE) this.#refuse(`A narrative is in the namespace ${XHTML_NAMESPACE}`, at);
      this.#checkOnce(parent.json, element, at);
      this.#xhtml = new XhtmlText();
      this.#xhtml.open(tag);
      return;
    }
    if (uri !== FHIR_NAMESPACE) this.#refuse(`The element is not in the namespace ${FHIR_NAMESPACE}`, at);
    if (!element.isList) this.#checkOnce(parent.json, element, at);
    const allowed = new Set(element.kind === 'resource' ? [] : ['id']);
    if (element.kind === 'primitive') allowed.add('value');
    if (element.path === 'Extension') allowed.add('url');
    this.#checkAttributes(attributes, allowed, at);
    const json: Json = {};
    for (const name of ['id', 'url']) if (attributes[name]) json[name] = attributes[name].value;
    const place = element.isList ? `${at}[${this.#countOf(parent.json, element)}]` : at;
    this.#frames.push({ element, path: element.path, json, at: place, value: attributes['value']?.value });
  }

  #close(tag: SaxesTagNS): void {
    if (this.#xhtml) {
      this.#xhtml.close(tag);
      if (this.#xhtml.depth > 0) return;
      this.#frames.at(-1)!.json['div'] = this.#xhtml.text;
      this.#xhtml = undefined;
      return;
    }
    const frame = this.#frames.pop()!;
    const { element, json, at } = frame;
    const parent = this.#frames.at(-1);
    if (parent === undefined || element === undefined) return;
    if (element.kind === 'primitive') this.#addPrimitive(parent.json, element, frame);
    else if (element.isList) ((parent.json[element.name] ??= []) as unknown[]).push(json);
    else parent.json[element.name] = json;
    if (element.kind !== 'primitive' && Object.keys(json).length === 0)
      this.#refuse('An element may not be empty', at);
  }

  /** Ids and extensions stand beside a primitive, in lists at the same index. */
  #addPrimitive(container: Json, element: XmlElement, { value, json, at }: Frame): void {
    const { name, type, isList } = element;
    const hasSibling = Object.keys(json).length > 0;
    if (value === undefined && !hasSibling)
      this.#refuse('The element has neither a value nor extensions', at);
    const read = value === undefined ? undefined : readPrimitive(value, type);
    if (!isList) {
      if (read !== undefined) container[name] = read;
      if (hasSibling) container[`_${name}`] = json;
      if (typeof read === 'number') keepNumber(container, name, value!);
      return;
    }
    const index = this.#countOf(container, element);
    for (const [member, item] of [
      [name, read],
      [`_${name}`, hasSibling ? json : undefined],
    ] as const) {
      if (item === undefined && container[member] === undefined) continue;
      const list = (container[member] ??= Array.from({ length: index }, () => null)) as unknown[];
      list.push(item ?? null);
      if (typeof item === 'number') keepNumber(list, String(index), value!);
    }
  }

  #text(text: string): void {
    if (this.#xhtml) this.#xhtml.say(text);
    else if (/\S/.test(text)) this.#refuse('There may be no text here', this.#frames.at(-1)?.at);
  }

  #countOf(container: Json, { name }: XmlElement): number {
    const lengths = [name, `_${name}`].map((n) => (container[n] as unknown[] | undefined)?.length ?? 0);
    return Math.max(...lengths);
  }

  #checkOnce(container: Json, { name }: XmlElement, at: string): void {
    if (Object.hasOwn(container, name) || Object.hasOwn(container, `_${name}`))
      this.#refuse('The element may be there once only', at);
  }

  #checkAttributes(attributes: SaxesTagNS['attributes'], allowed: ReadonlySet<string>, at?: string): void {
    for (const { name, prefix, uri } of Object.values(attributes)) {
      const isNamespace = prefix === 'xmlns' || name === 'xmlns';
      const isSchema = uri === 'http://www.w3.org/2001/XMLSchema-instance';
      if (!isNamespace && !isSchema && !allowed.has(name))
        this.#refuse('There is no such attribute here', at);
    }
  }

  #refuse(text: string, at = 'http.body'): FhirError {
    const { line, column } = this.#parser;
    throw badRequest(`${text} (line ${line}, column ${column + 1})`, at);
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMERIC = new Set(['decimal', 'integer', 'unsignedInt', 'positiveInt']);

/** What is no such value stays a text, which the validation refuses. */
function readPrimitive(value: string, type: string): unknown {
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return NUMERIC.has(type) && NUMBER.test(value) ? Number(value) : value;
}
