/**
 * The second pass over a resource: all that its structure alone does not show. One walk, along plans that are made once for each
 * type. https://hl7.org/fhir/R4/validation.html
 */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { isResourceType } from '../fhir/definitions/index.ts';
import { type Environment, ExtendedPrimitive } from '../fhir/fhirpath/index.ts';
import { issue, type IssueCode } from '../fhir/outcome.ts';
import { type OpenBinding, bindingFinding } from './binding.ts';
import { checkBundle, entryIndex } from './bundle-rule.ts';
import { checkContained } from './contained-rule.ts';
import {
  contextFault,
  type ExtensionLookup,
  findExtension,
  type Place,
  valueFault,
} from './extension-rule.ts';
import { isJson, type Json } from './json.ts';
import { narrativeFault } from './narrative.ts';
import { type MemberPlan, type ObjectPlan, objectPlan, type Rules } from './plan.ts';
import { checkReference } from './reference-rule.ts';
import type { Rule } from './rule.ts';

/** `error`: only what refuses a write; `all`: warnings and information too. */
export type Level = 'error' | 'all';

/** The issues found so far are enough. */
export class EnoughIssues extends Error {}

export class Walk {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly open: OpenBinding[] = [];
  readonly level: Level;
  readonly #extensions: ExtensionLookup | undefined;
  readonly #issuesMax: number;
  /** Names and indices from the outermost resource to where the walk is. */
  readonly #path: (string | number)[] = [];
  #root = '';

  constructor(level: Level, extensions: ExtensionLookup | undefined, issuesMax: number) {
    this.level = level;
    this.#extensions = extensions;
    this.#issuesMax = issuesMax;
  }

  /** The outermost resource. */
  start(resource: Json, resourceType: string): void {
    this.#root = resourceType;
    this.#resource(resource, undefined, undefined);
  }

  /** `below` is put after the place of the walk: `.fullUrl`. Throws EnoughIssues. */
  report(
    code: IssueCode,
    text: string,
    below = '',
    severity: OperationOutcomeIssue['severity'] = 'error',
  ): void {
    if (this.level === 'error' && severity !== 'error') return;
    this.issues.push(issue(code, text, this.expression(below), severity));
    if (this.issues.length >= this.#issuesMax) throw new EnoughIssues();
  }

  expression(below = ''): string {
    let text = this.#root;
    for (const step of this.#path) text += typeof step === 'number' ? `[${step}]` : `.${step}`;
    return text + below;
  }

  #resource(resource: Json, container: Json | undefined, bundle: Environment['resolve']): void {
    const { resourceType } = resource;
    if (typeof resourceType !== 'string' || !isResourceType(resourceType)) return;
    const rootResource = container ?? resource;
    const resolveContained = resolverIn(rootResource);
    const environment: Environment = {
      resource,
      rootResource,
      resolve: (reference) => resolveContained(reference) ?? bundle?.(reference),
    };
    const plan = objectPlan(resourceType);
    const inside = resourceType === 'Bundle' ? entryIndex(resource) : bundle;
    this.#rules(plan.rules, resource, environment);
    if (resourceType === 'Bundle') checkBundle(this, resource);
    if (container === undefined && resource['contained'] !== undefined) checkContained(this, resource);
    this.#object(plan, resource, { path: resourceType, type: resourceType }, environment, inside);
  }

  #object(
    plan: ObjectPlan,
    node: Json,
    place: Place,
    environment: Environment,
    bundle: Environment['resolve'],
  ): void {
    for (const key in node) {
      const member = plan.members.get(key);
      if (member === undefined) continue;
      const value = node[key];
      this.#path.push(member.name);
      if (member.kind === 'extension') this.#extensionList(value, place, environment, key === 'modifierExtension');
      else if (Array.isArray(value)) {
        const beside = node[`_${key}`];
        for (let i = 0; i < value.length; i += 1) {
          this.#path.push(i);
          this.#value(member, value[i], Array.isArray(beside) ? beside[i] : undefined, environment, bundle);
          this.#path.pop();
        }
      } else this.#value(member, value, member.kind === 'primitive' ? node[`_${key}`] : undefined, environment, bundle); // prettier-ignore
      this.#path.pop();
    }
  }

  #value(
    member: MemberPlan,
    value: unknown,
    beside: unknown,
    environment: Environment,
    bundle: Environment['resolve'],
  ): void {
    if (value === null || value === undefined) return;
    switch (member.kind) {
      case 'primitive':
        this.#rules(member.rules, isJson(beside) ? new ExtendedPrimitive(value, beside) : value, environment);
        if (member.bindings.length > 0) this.#bindings(member, value);
        if (member.type === 'canonical') checkReference(this, member, { reference: value }, environment, '');
        return;
      case 'narrative': {
        const fault = typeof value === 'string' ? narrativeFault(value) : undefined;
        if (fault !== undefined) this.report('value', fault);
        return;
      }
      case 'resource': {
        if (!isJson(value)) return;
        const isContained = member.path.endsWith('.contained');
        this.#resource(value, isContained ? (environment.rootResource as Json) : undefined, bundle);
        return;
      }
      case 'sibling':
      case 'object': {
        if (!isJson(value)) return;
        const plan = member.content();
        this.#rules(member.rules, value, environment);
        this.#rules(plan.rules, value, environment);
        if (member.bindings.length > 0) this.#bindings(member, value);
        if (member.type === 'Reference') checkReference(this, member, value, environment, '.reference');
        this.#object(plan, value, member, environment, bundle);
        return;
      }
      case 'extension':
        return;
    }
  }

  #rules({ errors, all }: Rules, focus: unknown, environment: Environment): void {
    for (const rule of this.level === 'all' ? all : errors) this.#rule(rule, focus, environment);
  }

  #rule(rule: Rule, focus: unknown, environment: Environment): void {
    const { key, human, severity } = rule.definition;
    let holds: boolean | undefined;
    try {
      holds = rule.test(environment, focus, focus);
    } catch {
      this.report('incomplete', `Whether ${key} holds cannot be told: ${human}`, '', 'warning');
      return;
    }
    if (holds !== true) this.report('invariant', `${human} (${key})`, '', severity);
  }

  #bindings({ bindings }: MemberPlan, value: unknown): void {
    for (const binding of bindings) {
      const found = bindingFinding(binding, value, this.level);
      if (found === undefined) continue;
      if (found.kind === 'open') this.open.push({ ...found.open, expression: this.expression() });
      else this.report('code-invalid', found.text, '', found.severity);
    }
  }

  #extensionList(list: unknown, place: Place, environment: Environment, isModifier: boolean): void {
    if (!Array.isArray(list)) return;
    const counts = new Map<string, number>();
    for (let i = 0; i < list.length; i += 1) {
      const extension: unknown = list[i];
      if (!isJson(extension)) continue;
      this.#path.push(i);
      this.#extension(extension, place, environment, isModifier, counts);
      this.#path.pop();
    }
    if (isModifier || place.known?.parts === undefined) return;
    for (const [url, { min }] of Object.entries(place.known.parts))
      if (min > (counts.get(url) ?? 0)) this.report('required', `The extension ${url} is required here`);
  }

  #extension(
    extension: Json,
    place: Place,
    environment: Environment,
    isModifier: boolean,
    counts: Map<string, number>,
  ): void {
    const { url } = extension;
    if (typeof url !== 'string') return;
    const found = findExtension(url, place, this.#extensions);
    if (found.kind === 'wrong') this.report('extension', found.text, '.url', found.severity);
    else if (found.kind === 'open' && isModifier)
      this.report('extension', 'This extension changes the meaning of its element and is not known here', '.url', 'warning'); // prettier-ignore
    const content = found.kind === 'known' ? found.content : undefined;
    if (content !== undefined) {
      const definition = found.kind === 'known' ? found.definition : undefined;
      const context = definition && contextFault(definition, place);
      if (context !== undefined) this.report('extension', context);
      if (definition && (definition.isModifier === true) !== isModifier)
        this.report('extension', isModifier ? 'This is no modifierExtension' : 'This is a modifierExtension');
      const value = valueFault(content, extension);
      if (value !== undefined) this.report('value', value);
      const count = (counts.get(url) ?? 0) + 1;
      counts.set(url, count);
      if (count > Number(content.max)) this.report('structure', `At most ${content.max} of this extension`);
    }
    this.#object(objectPlan('Extension'), extension, { path: 'Extension', type: 'Extension', known: content, url }, environment, undefined); // prettier-ignore
  }
}

/** What is contained, by `#id`; `#` is the container itself. Of several with one id the first. */
function resolverIn(root: Json): (reference: string) => unknown {
  let byId: ReadonlyMap<unknown, unknown> | undefined;
  return (reference) => {
    if (!reference.startsWith('#')) return undefined;
    if (reference === '#') return root;
    byId ??= new Map(
      (Array.isArray(root['contained']) ? root['contained'] : [])
        .filter(isJson)
        .map((inner) => [inner['id'], inner] as const)
        .reverse(),
    );
    return byId.get(reference.slice(1));
  };
}
