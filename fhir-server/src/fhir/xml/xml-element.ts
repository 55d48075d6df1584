/** What may stand below an element in XML, and what becomes of it in JSON; compiled once for each path of the definitions. */
import { type ElementDefinition, structure } from '../definitions/index.ts';

export const FHIR_NAMESPACE = 'http://hl7.org/fhir';
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';

export interface XmlElement {
  /** In XML and in JSON; of a choice with its type: `valueQuantity`. */
  readonly name: string;
  readonly kind: 'primitive' | 'complex' | 'resource' | 'xhtml';
  /** Of a primitive: `boolean`. */
  readonly type: string;
  /** Where its own children are defined: a type or the path of a backbone element. */
  readonly path: string;
  readonly isList: boolean;
  /** Place among its siblings. */
  readonly order: number;
}

const childrenByPath = new Map<string, ReadonlyMap<string, XmlElement>>();

/** By name. `path` is that of a type or of a backbone element. Attributes (`id` of elements, `url` of extensions) are not among them. */
export function childrenOf(path: string): ReadonlyMap<string, XmlElement> {
  let children = childrenByPath.get(path);
  if (!children) childrenByPath.set(path, (children = compile(path)));
  return children;
}

function compile(path: string): ReadonlyMap<string, XmlElement> {
  const root = structure(path.split('.')[0] ?? '');
  const isResource = root?.kind === 'resource' && path === root.name;
  const depth = path.split('.').length + 1;
  const children = new Map<string, XmlElement>();
  for (const element of root?.elements ?? []) {
    if (!element.path.startsWith(`${path}.`) || element.path.split('.').length !== depth) continue;
    const name = element.path.slice(path.length + 1);
    if ((name === 'id' && !isResource) || element.path === 'Extension.url') continue;
    for (const child of elementsOf(element, name))
      children.set(child.name, { ...child, isList: element.max !== '1', order: children.size });
  }
  return children;
}

type Described = Omit<XmlElement, 'isList' | 'order'>;

function elementsOf(element: ElementDefinition, name: string): Described[] {
  if (element.contentReference !== undefined)
    return [{ name, kind: 'complex', type: '', path: element.contentReference }];
  return element.types.map(({ code }): Described => {
    const own = name.endsWith('[x]')
      ? name.slice(0, -3) + code.charAt(0).toUpperCase() + code.slice(1)
      : name;
    if (code === 'xhtml') return { name: own, kind: 'xhtml', type: code, path: code };
    if (structure(code)?.kind === 'resource') return { name: own, kind: 'resource', type: code, path: code };
    if (structure(code)?.kind === 'primitive-type')
      return { name: own, kind: 'primitive', type: code, path: 'Element' };
    const isBackbone = code === 'BackboneElement' || code === 'Element';
    return { name: own, kind: 'complex', type: code, path: isBackbone ? element.path : code };
  });
}
