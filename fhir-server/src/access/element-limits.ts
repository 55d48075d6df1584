/** Elements that a policy keeps from a role: hidden ones leave no trace in what it gets, and neither kind is its to write. */
import { structure } from '../fhir/definitions/index.ts';
import { carryNumbers, parseStored, settleNumbers, toJson } from '../fhir/json/index.ts';
import type { SupportedParameter } from '../search/index.ts';
import type { AccessPolicy } from './policy.ts';

type Json = Record<string, unknown>;

/** Whether a property of the type's JSON is among the elements. */
export interface ElementTest {
  isHidden(property: string): boolean;
  isReadonly(property: string): boolean;
  readonly hidden: readonly string[];
}

const tests = new WeakMap<AccessPolicy, Map<string, ElementTest | undefined>>();

/** Undefined where the role's policy limits no element of the type. */
export function elementTest(policy: AccessPolicy, resourceType: string): ElementTest | undefined {
  if (policy.elements === undefined) return undefined;
  let known = tests.get(policy);
  if (!known) tests.set(policy, (known = new Map<string, ElementTest | undefined>()));
  if (!known.has(resourceType)) known.set(resourceType, makeTest(policy, resourceType));
  return known.get(resourceType);
}

function makeTest({ elements = [] }: AccessPolicy, resourceType: string): ElementTest | undefined {
  const limits = elements.filter((limit) => limit.resourceType === resourceType);
  const hidden = limits.flatMap((limit) => limit.hidden ?? []);
  const readonly = limits.flatMap((limit) => limit.readonly ?? []);
  if (hidden.length + readonly.length === 0) return undefined;
  // The narrative may say in words what an element says in codes.
  const isHidden = propertyTest(resourceType, hidden.length > 0 ? [...hidden, 'text'] : []);
  const isReadonly = propertyTest(resourceType, readonly);
  return { isHidden, isReadonly, hidden };
}

/** `value` stands for `valueQuantity` too, where it is a choice, and for `_value`. */
function propertyTest(resourceType: string, names: readonly string[]): (property: string) => boolean {
  const exact = new Set(names);
  const paths = new Set((structure(resourceType)?.elements ?? []).map((e) => e.path));
  const choices = names.filter((name) => paths.has(`${resourceType}.${name}[x]`));
  return (property) => {
    const name = property.replace(/^_/, '');
    return exact.has(name) || choices.some((c) => name.startsWith(c) && /^[A-Z]/.test(name.slice(c.length)));
  };
}

/** https://terminology.hl7.org/CodeSystem-v3-ObservationValue.html: says that something is missing. */
const REDACTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'REDACTED' };

/** JSON of a resource as the role gets it. Resources within it lose their elements as well. */
export function redact(policy: AccessPolicy, resourceType: string, content: string): string {
  if (policy.elements === undefined) return content;
  const mayHoldOthers =
    resourceType === 'Bundle' || resourceType === 'Parameters' || content.includes('"contained"');
  if (!mayHoldOthers && elementTest(policy, resourceType) === undefined) return content;
  const resource = parseStored<Json>(content);
  const redacted = redactWithin(policy, resource);
  return redacted === resource ? content : toJson(redacted as Json);
}

/** The same object where nothing of it is hidden. */
function redactWithin(policy: AccessPolicy, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => redactWithin(policy, item));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const json = value as Json;
  const type = json['resourceType'];
  const test = typeof type === 'string' ? elementTest(policy, type) : undefined;
  let isChanged = false;
  let isHidden = false;
  const kept: Json = {};
  for (const [name, member] of Object.entries(json)) {
    if (test?.isHidden(name) === true) {
      isHidden = true;
      continue;
    }
    kept[name] = redactWithin(policy, member);
    isChanged ||= kept[name] !== member;
  }
  if (!isChanged && !isHidden) return value;
  if (isHidden) kept['meta'] = labelled(kept['meta']);
  return carryNumbers(json, kept);
}

function labelled(meta: unknown): Json {
  const { security, ...rest } = (meta ?? {}) as { security?: unknown[] };
  return { ...rest, security: [...(security ?? []), REDACTED] };
}

/** An element that the role may not write as it would; `name` is its own name. */
export class ElementRefusal extends Error {
  readonly element: string;
  constructor(element: string) {
    super(`The element ${element} is not yours to write`);
    this.element = element;
  }
}

/**
 * What the role's version becomes when it is written: hidden elements stay as they are stored (undefined: nothing is
 * there). Throws ElementRefusal for a hidden element, and for one that may only be read and differs.
 */
export function keepLimited(
  policy: AccessPolicy,
  resource: Json & { readonly resourceType: string },
  stored: string | undefined,
): Json {
  const test = elementTest(policy, resource.resourceType);
  if (test === undefined) return resource;
  const before = stored === undefined ? {} : parseStored<Json>(stored);
  const kept: Json = { ...resource };
  for (const name of Object.keys(resource)) {
    if (name !== 'text' && test.isHidden(name)) throw new ElementRefusal(name);
    if (test.isReadonly(name) && toText(resource[name]) !== toText(before[name]))
      throw new ElementRefusal(name);
  }
  for (const [name, value] of Object.entries(before)) {
    if (test.isReadonly(name) && resource[name] === undefined) throw new ElementRefusal(name);
    if (test.isHidden(name) && kept[name] === undefined) kept[name] = value;
  }
  const { security = [], ...meta } = (resource['meta'] ?? {}) as { security?: { code?: string }[] };
  const labels = security.filter((label) => label.code !== REDACTED.code);
  kept['meta'] = { ...meta, ...(labels.length === 0 ? {} : { security: labels }) };
  carryNumbers(resource, kept);
  settleNumbers(kept);
  return kept;
}

/** With the digits of decimals. */
const toText = (value: unknown): string =>
  value === undefined
    ? ''
    : typeof value === 'object' && value !== null
      ? toJson(value)
      : JSON.stringify(value);

const LOOKS_ANYWHERE = /\b(children|descendants|repeat)\(/;

/** Whether a search by the parameter would tell of a hidden element. */
export function tellsHidden(
  policy: AccessPolicy,
  resourceType: string,
  parameter: SupportedParameter,
): boolean {
  const { hidden } = elementTest(policy, resourceType) ?? { hidden: [] };
  if (hidden.length === 0) return false;
  const { expression = '', component = [] } = parameter;
  const texts = [expression, ...component.map((c) => c.expression)].join('\n');
  return LOOKS_ANYWHERE.test(texts) || hidden.some((name) => new RegExp(`\\b${name}\\b`).test(texts));
}
