/** How the values of a search parameter are kept: by itself, by other parameters that cover it, or in a link column. */
import type { LinkName } from './expression.ts';
import { expressionParts, pathCardinality, resolvedTarget } from './expression-parts.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';

export type ParameterForm =
  /** Its own index values. `link`: single references to that type stand in the link column. */
  | { readonly kind: 'own'; readonly link?: LinkName; readonly required?: boolean }
  /** Everything that it finds is found by one of these parameters of the same type, and nothing else is. */
  | { readonly kind: 'union'; readonly of: readonly string[] }
  /** The same references as `of`, but only those to `target`. */
  | { readonly kind: 'narrowed'; readonly of: string; readonly target: string }
  /** A composite of the whole resource: the conjunction of these parameters. */
  | { readonly kind: 'conjunction'; readonly of: readonly string[] }
  /** A composite of alternatives, each of which is a composite parameter or a conjunction. */
  | {
      readonly kind: 'alternatives';
      readonly of: readonly (ParameterForm & { readonly kind: 'conjunction' | 'elements' })[];
    }
  /** A composite of repeating elements, which have index rows of their own. */
  | { readonly kind: 'elements'; readonly param: string };

/** Target type of each link column. */
export const LINKS: Readonly<Record<LinkName, string>> = { patient: 'Patient', encounter: 'Encounter' };

/** Codes of the parameters that a link column may stand for, the first that fits. */
const LINK_CODES: Readonly<Record<LinkName, readonly string[]>> = {
  patient: ['subject', 'patient'],
  encounter: ['encounter', 'context'],
};

interface FoundLinks {
  readonly revision: number;
  readonly byType: Map<string, SupportedParameter | undefined>;
}
const found = new WeakMap<SearchParameterRegistry, FoundLinks>();

/** The parameter whose single references fill a link column of the type. Asked for each right of each request. */
export function linkParameter(
  registry: SearchParameterRegistry,
  resourceType: string,
  link: LinkName,
): SupportedParameter | undefined {
  const { revision } = registry;
  let links = found.get(registry);
  if (links?.revision !== revision) {
    links = { revision, byType: new Map() };
    found.set(registry, links);
  }
  const key = `${link} ${resourceType}`;
  if (!links.byType.has(key)) links.byType.set(key, findLinkParameter(registry, resourceType, link));
  return links.byType.get(key);
}

function findLinkParameter(
  registry: SearchParameterRegistry,
  resourceType: string,
  link: LinkName,
): SupportedParameter | undefined {
  for (const code of LINK_CODES[link]) {
    const parameter = registry.get(resourceType, code);
    if (parameter?.type !== 'reference' || parameter.expression === undefined) continue;
    if (registry.isCustom(parameter)) continue;
    const parts = expressionParts(parameter.expression, resourceType);
    const [part] = parts;
    if (parts.length !== 1 || part === undefined) continue;
    const path = resolvedTarget(part)?.path ?? part;
    if (pathCardinality(path, resourceType)?.single === true) return parameter;
  }
  return undefined;
}

export function formOf(
  parameter: SupportedParameter,
  resourceType: string,
  registry: SearchParameterRegistry,
): ParameterForm {
  const parts = expressionParts(parameter.expression ?? '', resourceType);
  if (parameter.type === 'composite') return compositeForm(parameter, parts, resourceType, registry);
  if (parameter.type === 'reference') {
    const narrowed = narrowedForm(parameter, parts, resourceType, registry);
    if (narrowed) return narrowed;
  }
  const union = unionForm(parameter, parts, resourceType, registry);
  if (union) return union;
  const [only] = parts;
  const required =
    parts.length === 1 && only !== undefined && pathCardinality(only, resourceType)?.required === true;
  const link = (Object.keys(LINKS) as LinkName[]).find(
    (l) => parameter.type === 'reference' && linkParameter(registry, resourceType, l) === parameter,
  );
  return { kind: 'own', ...(link ? { link } : {}), ...(required ? { required } : {}) };
}

/** `patient` where there is a `subject`: the same element, with a condition on its target. */
function narrowedForm(
  parameter: SupportedParameter,
  parts: readonly string[],
  resourceType: string,
  registry: SearchParameterRegistry,
): ParameterForm | undefined {
  const narrowed = parts.length === 1 ? resolvedTarget(parts[0]!) : undefined;
  if (!narrowed) return undefined;
  const whole = registry.standard(resourceType).find((other) => {
    if (other === parameter || other.type !== 'reference') return false;
    const others = expressionParts(other.expression ?? '', resourceType);
    return others.length === 1 && others[0] === narrowed.path;
  });
  // Only a link column can tell the references to one type from the others.
  const isLinked = whole !== undefined && linkParameter(registry, resourceType, 'patient') === whole;
  if (!isLinked || narrowed.target !== LINKS.patient) return undefined;
  return { kind: 'narrowed', of: whole.code, target: narrowed.target };
}

/** `combo-code` is `code` or `component-code`: what these have indexed need not be indexed again. */
function unionForm(
  parameter: SupportedParameter,
  parts: readonly string[],
  resourceType: string,
  registry: SearchParameterRegistry,
): ParameterForm | undefined {
  if (parts.length < 2) return undefined;
  const covered = new Set<string>();
  const of: string[] = [];
  for (const other of registry.standard(resourceType)) {
    if (other === parameter || other.type !== parameter.type) continue;
    const others = expressionParts(other.expression ?? '', resourceType);
    if (others.length === 0 || others.length >= parts.length) continue;
    if (!others.every((p) => parts.includes(p)) || others.every((p) => covered.has(p))) continue;
    of.push(other.code);
    for (const part of others) covered.add(part);
  }
  return covered.size === parts.length ? { kind: 'union', of } : undefined;
}

function compositeForm(
  parameter: SupportedParameter,
  parts: readonly string[],
  resourceType: string,
  registry: SearchParameterRegistry,
): ParameterForm {
  const conjunction: ParameterForm & { kind: 'conjunction' } = {
    kind: 'conjunction',
    of: componentCodes(parameter, resourceType, registry),
  };
  if (parts.length === 1 && parts[0] === resourceType) return conjunction;
  if (parts.length === 1) return { kind: 'elements', param: parameter.code };
  const of = parts.map((part): ParameterForm & { kind: 'conjunction' | 'elements' } => {
    if (part === resourceType) return wholeComposite(parameter, resourceType, registry) ?? conjunction;
    const other = registry.standard(resourceType).find((p) => {
      const others = p.type === 'composite' ? expressionParts(p.expression ?? '', resourceType) : [];
      return p !== parameter && others.length === 1 && others[0] === part && haveSameParts(p, parameter);
    });
    return { kind: 'elements', param: other?.code ?? parameter.code };
  });
  return { kind: 'alternatives', of };
}

const shape = (parameter: SupportedParameter): string =>
  (parameter.component ?? []).map((c) => c.expression).join('\n');

const haveSameParts = (one: SupportedParameter, other: SupportedParameter): boolean =>
  shape(one) === shape(other);

/** `combo-code-value-quantity` on the whole Observation is `code-value-quantity`, not a search in components. */
function wholeComposite(
  parameter: SupportedParameter,
  resourceType: string,
  registry: SearchParameterRegistry,
): (ParameterForm & { kind: 'conjunction' }) | undefined {
  const other = registry.standard(resourceType).find((p) => {
    const parts = p.type === 'composite' ? expressionParts(p.expression ?? '', resourceType) : [];
    return parts.length === 1 && parts[0] === resourceType && haveSameParts(p, parameter);
  });
  return other && { kind: 'conjunction', of: componentCodes(other, resourceType, registry) };
}

/** Codes of the component parameters in this type; the url's tail where the definition is not known. */
function componentCodes(
  parameter: SupportedParameter,
  resourceType: string,
  registry: SearchParameterRegistry,
): string[] {
  return (parameter.component ?? []).map(({ definition }) => {
    const known = registry.byUrl(definition)?.code;
    return known !== undefined && registry.get(resourceType, known) !== undefined
      ? known
      : (definition.split('/').pop() ?? '');
  });
}
