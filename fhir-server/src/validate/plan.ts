/** What is to be looked at in the JSON of each type, made once from the definitions, type by type as they are met. */
import { type ElementDefinition, structure } from '../fhir/definitions/index.ts';
import { PRIMITIVE_CHECKS } from './primitive-format.ts';
import { type Rule, rulesOf } from './rule.ts';

/** Rules of a type or element: those that refuse, and all. */
export interface Rules {
  readonly errors: readonly Rule[];
  readonly all: readonly Rule[];
}

/** A resource, data type or backbone element. */
export interface ObjectPlan {
  readonly path: string;
  readonly rules: Rules;
  readonly members: ReadonlyMap<string, MemberPlan>;
}

export type Strength = 'required' | 'extensible' | 'preferred' | 'max';

export interface Binding {
  readonly strength: Strength;
  readonly valueSet: string;
}

export type MemberKind = 'object' | 'primitive' | 'sibling' | 'resource' | 'extension' | 'narrative';

/** A JSON member: `valueQuantity`, `_birthDate`. */
export interface MemberPlan {
  readonly kind: MemberKind;
  /** As it stands in expressions: `birthDate` for `_birthDate`. */
  readonly name: string;
  /** Of the element's definition, without `[x]`: `Observation.value`. */
  readonly path: string;
  /** Path of the element whose content it has too. */
  readonly sameAs?: string;
  /** Code of its data type. */
  readonly type: string;
  readonly rules: Rules;
  readonly bindings: readonly Binding[];
  /** Resource types that a Reference or canonical may lead to; absent where any may. */
  readonly targets?: readonly string[];
  /** Plan of the value. */
  readonly content: () => ObjectPlan;
}

const plans = new Map<string, ObjectPlan>();
const NO_RULES: Rules = { errors: [], all: [] };

const rules = (places: readonly number[] | undefined, path: string): Rules => {
  if (places === undefined) return NO_RULES;
  const all = rulesOf(places, path);
  return { all, errors: all.filter((rule) => rule.definition.severity === 'error') };
};

/** Of a type's name or a backbone element's path. */
export function objectPlan(path: string): ObjectPlan {
  let plan = plans.get(path);
  if (plan === undefined) {
    plan = makePlan(path);
    plans.set(path, plan);
  }
  return plan;
}

function makePlan(path: string): ObjectPlan {
  const [typeName = ''] = path.split('.');
  const type = structure(typeName);
  const elements = type?.elements ?? [];
  const members = new Map<string, MemberPlan>();
  const depth = path.split('.').length + 1;
  for (const element of elements)
    if (element.path.startsWith(`${path}.`) && element.path.split('.').length === depth)
      for (const member of memberPlans(element, elements)) members.set(...member);
  // The rules of a backbone element are those of the element that holds it.
  return { path, rules: path === typeName ? rules(type?.constraints, path) : NO_RULES, members };
}

function memberPlans(
  element: ElementDefinition,
  elements: readonly ElementDefinition[],
): [string, MemberPlan][] {
  const path = element.path.replace(/\[x\]$/, '');
  const name = path.slice(path.lastIndexOf('.') + 1);
  const own = rules(element.constraints, element.path);
  const bindings = bindingsOf(element);
  if (element.contentReference !== undefined) {
    const content = element.contentReference;
    // The snapshot has the rules at the element itself only.
    const places = [
      ...(element.constraints ?? []),
      ...(elements.find((e) => e.path === content)?.constraints ?? []),
    ];
    const both = rules([...new Set(places)], content);
    const plan: MemberPlan = { kind: 'object', name, path,
      sameAs: content,
      type: 'BackboneElement', rules: both, bindings, content: lazily(content) }; // prettier-ignore
    return [[name, plan]];
  }
  const isBackbone = elements.some((e) => e.path.startsWith(`${element.path}.`));
  return element.types.flatMap(({ code, targets }): [string, MemberPlan][] => {
    const member = element.path.endsWith('[x]') ? name + code.charAt(0).toUpperCase() + code.slice(1) : name;
    const plan: MemberPlan = {
      kind: kindOf(element, code),
      name: member,
      path,
      type: code,
      rules: own,
      bindings,
      content: lazily(isBackbone ? element.path : code),
      ...(targets === undefined ? {} : { targets }),
    };
    if (!(code in PRIMITIVE_CHECKS)) return [[member, plan]];
    const beside: MemberPlan = { ...plan, kind: 'sibling', rules: NO_RULES, bindings: [], content: lazily('Element') }; // prettier-ignore
    const isLookedAt = own.all.length > 0 || bindings.length > 0 || code === 'canonical' || code === 'xhtml';
    return [[`_${member}`, beside], ...(isLookedAt ? ([[member, plan]] as [string, MemberPlan][]) : [])];
  });
}

function lazily(path: string): () => ObjectPlan {
  let plan: ObjectPlan | undefined;
  return () => (plan ??= objectPlan(path));
}

function kindOf({ path }: ElementDefinition, type: string): MemberKind {
  if (type === 'Extension' && /\.(extension|modifierExtension)$/.test(path)) return 'extension';
  if (type === 'Resource') return 'resource';
  if (type === 'xhtml') return 'narrative';
  return type in PRIMITIVE_CHECKS ? 'primitive' : 'object';
}

function bindingsOf(element: ElementDefinition): Binding[] {
  const { requiredBinding, extensibleBinding, preferredBinding, maxValueSet } = element;
  const all: [Strength, string | undefined][] = [
    ['required', requiredBinding],
    ['max', maxValueSet],
    ['extensible', extensibleBinding],
    ['preferred', preferredBinding],
  ];
  return all.flatMap(([strength, valueSet]) => (valueSet === undefined ? [] : [{ strength, valueSet }]));
}
