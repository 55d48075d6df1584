/** XML of FHIR's test suites → the JSON of its resources, as far as those suites need it. */
import { SaxesParser } from 'saxes';
import { structure } from '../../src/fhir/definitions/index.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

export function readXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: '' };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('text', (piece) => {
    for (const element of open) element.text += piece;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  return root.children[0]!;
}

type Json = Record<string, unknown>;

const NUMBERS = new Set(['integer', 'decimal', 'positiveInt', 'unsignedInt']);

/** Of an element that is a resource. */
export const resourceOf = (element: XmlElement): Json => ({
  resourceType: element.name,
  ...contentOf(element, element.name),
});

function contentOf({ attributes, children }: XmlElement, path: string): Json {
  const json: Json = {};
  if (attributes['id'] !== undefined) json['id'] = attributes['id'];
  if (attributes['url'] !== undefined) json['url'] = attributes['url'];
  for (const child of children) {
    // Of a narrative only the words are compared.
    if (child.name === 'div') json['div'] = child.text;
    else add(json, child, path);
  }
  return json;
}

function add(json: Json, child: XmlElement, path: string): void {
  const elements = structure(path.split('.')[0]!)?.elements ?? [];
  const element =
    elements.find((e) => e.path === `${path}.${child.name}`) ??
    elements.find((e) => e.path.endsWith('[x]') && `${path}.${child.name}`.startsWith(e.path.slice(0, -3)));
  if (element === undefined) throw new Error(`There is no ${path}.${child.name}`);
  const type =
    element.types.find(
      (t) =>
        element.path.endsWith('[x]') &&
        `${element.path.slice(0, -3)}${t.code[0]!.toUpperCase()}${t.code.slice(1)}` ===
          `${path}.${child.name}`,
    ) ?? element.types[0];
  const code = type?.code ?? '';
  const isPrimitive = structure(code)?.kind === 'primitive-type';
  const own =
    element.contentReference ?? (['BackboneElement', 'Element'].includes(code) ? element.path : code);
  const value = isPrimitive ? primitive(child.attributes['value'], code) : contentOf(child, own);
  const sibling = isPrimitive ? contentOf(child, 'Element') : {};
  for (const [name, item] of [
    [child.name, value],
    [`_${child.name}`, Object.keys(sibling).length > 0 ? sibling : undefined],
  ] as const) {
    if (item === undefined) continue;
    if (element.max === '1') json[name] = item;
    else ((json[name] ??= []) as unknown[]).push(item);
  }
}

function primitive(value: string | undefined, code: string): unknown {
  if (value === undefined) return undefined;
  if (code === 'boolean') return value === 'true';
  return NUMBERS.has(code) ? Number(value) : value;
}
