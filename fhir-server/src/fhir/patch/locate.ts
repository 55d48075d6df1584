/** From a FHIRPath expression to the places in the JSON of a resource where its results stand. http://hl7.org/fhirpath/N1/ */
import { createRequire } from 'node:module';
import type { Model } from 'fhirpath';
import type { Resource } from '@medplum/fhirtypes';
import { capital, childOf } from './element.ts';
import { malformed } from './refusals.ts';

export type Json = Record<string, unknown>;

/** `container[member]`, or `container[member][index]`. */
export interface Location {
  /** The resource itself has none. */
  readonly container: Json | undefined;
  /** As in JSON: `valueQuantity`. */
  readonly member: string;
  readonly index: number | undefined;
  readonly value: unknown;
  /** Of the definition: `Patient.contact`, `HumanName`. */
  readonly path: string;
  /** That of the container. */
  readonly parentPath: string;
}

/** What the library knows of a node. */
interface Node {
  readonly data: unknown;
  readonly path: string | null;
  readonly propName: string | null;
  readonly index: number | null;
  readonly parentResNode: Node | null;
}

interface Library {
  evaluate(resource: unknown, path: string, environment: object, model: Model, options: object): unknown;
}

const EXPRESSION_LENGTH_MAX = 1_000;

const require = createRequire(import.meta.url);
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'parentResNode' in value && 'propName' in value;

/** Throws 400 for what is no FHIRPath, or leads to no element: `place` is where the expression stands. */
export function locate(resource: Resource, expression: string, place: string): Location[] {
  if (expression.length > EXPRESSION_LENGTH_MAX)
    throw malformed(`An expression may have at most ${EXPRESSION_LENGTH_MAX} characters`, place);
  const found: unknown[] = [];
  const collect = {
    fn: (nodes: readonly unknown[]) => {
      found.push(...nodes);
      return [];
    },
    arity: { 0: [] },
    internalStructures: true,
  };
  const library = require('fhirpath') as Library;
  const model = require('fhirpath/fhir-context/r4') as Model;
  try {
    library.evaluate(resource, `(${delimitDiv(expression)}).collectNodes()`, {}, model, {
      userInvocationTable: { collectNodes: collect },
      async: false,
    });
  } catch {
    throw malformed('This is no FHIRPath expression that can be evaluated here', place);
  }
  return found.map((node) => {
    if (!isNode(node)) throw malformed('The expression must lead to an element of the resource', place);
    return toLocation(node);
  });
}

/** FHIR writes `text.div`, though `div` is an operator of FHIRPath; text in quotes is left alone. */
const delimitDiv = (expression: string): string =>
  expression.replace(/'(?:[^'\\]|\\.)*'|\.div\b/g, (part) => (part === '.div' ? '.`div`' : part));

function toLocation(node: Node): Location {
  const { data, path, propName, index, parentResNode } = node;
  const container = parentResNode === null ? undefined : (parentResNode.data as Json);
  return {
    container,
    member: container === undefined ? '' : memberIn(container, propName ?? '', parentResNode?.path ?? ''),
    index: index ?? undefined,
    value: data,
    path: path ?? '',
    parentPath: parentResNode?.path ?? '',
  };
}

/** The library leaves the type out of a choice's name. */
function memberIn(container: Json, name: string, parentPath: string): string {
  const isThere = (member: string): boolean =>
    Object.hasOwn(container, member) || Object.hasOwn(container, `_${member}`);
  if (isThere(name)) return name;
  return (
    childOf(parentPath, name)
      ?.types.map((type) => `${name}${capital(type.code)}`)
      .find(isThere) ?? name
  );
}
