/** The searches that US Core's CapabilityStatement demands, with values of its examples, and what they must find. */
import type { CapabilityStatement, Extension, Resource, SearchParameter } from '@medplum/fhirtypes';
import { dateMatches, storedDates } from '../search/reference/date.ts';
import { referenceMatches } from '../search/reference/reference.ts';
import { type Node, select } from '../search/reference/select.ts';
import { stringMatches } from '../search/reference/string.ts';
import { tokenMatches } from '../search/reference/token.ts';

const BASE = 'http://hl7.org/fhir/StructureDefinition';
const EXPECTATION = `${BASE}/capabilitystatement-expectation`;
const COMBINATION = `${BASE}/capabilitystatement-search-parameter-combination`;

export interface Demand {
  readonly resourceType: string;
  readonly codes: readonly string[];
  readonly expectation: 'SHALL' | 'SHOULD';
}

interface Extended {
  readonly extension?: readonly Extension[];
}

const expectationOf = ({ extension = [] }: Extended): string | undefined =>
  extension.find(({ url }) => url === EXPECTATION)?.valueCode;

const isDemanded = (expectation: string | undefined): expectation is Demand['expectation'] =>
  expectation === 'SHALL' || expectation === 'SHOULD';

export const requiredProfiles = ({ rest }: CapabilityStatement): readonly string[] =>
  (rest?.[0]?.resource ?? []).flatMap((resource) =>
    expectationOf(resource) === 'SHALL' ? (resource.supportedProfile ?? []) : [],
  );

/** Single parameters and combinations that a server SHALL or SHOULD support. */
export function demands({ rest }: CapabilityStatement): Demand[] {
  return (rest?.[0]?.resource ?? []).flatMap(
    ({ type: resourceType = '', searchParam = [], extension = [] }) => {
      const singles = searchParam.map((p) => ({ codes: [p.name ?? ''], expectation: expectationOf(p) }));
      const combined = extension
        .filter(({ url }) => url === COMBINATION)
        .map((e) => ({
          codes: (e.extension ?? []).flatMap((x) => (x.url === 'required' ? (x.valueString ?? '') : [])),
          expectation: expectationOf(e),
        }));
      return [...singles, ...combined].flatMap(({ codes, expectation }) =>
        isDemanded(expectation) ? [{ resourceType, codes, expectation }] : [],
      );
    },
  );
}

/** Types whose search takes this include. */
export const typesWith = (
  { rest }: CapabilityStatement,
  kind: 'searchInclude' | 'searchRevInclude',
  value: RegExp,
): readonly string[] =>
  (rest?.[0]?.resource ?? []).flatMap((r) => (r[kind]?.some((v) => value.test(v)) ? [String(r.type)] : []));

export interface Asked {
  /** Not encoded. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Ids of all that must be found, in alphabetical order. */
  readonly wanted: readonly string[];
}

export class Examples {
  readonly #resources: readonly Resource[];
  readonly #parameters: ReadonlyMap<string, SearchParameter>;
  readonly #baseUrl: string;

  constructor(resources: readonly Resource[], parameters: readonly SearchParameter[], baseUrl: string) {
    this.#resources = resources;
    this.#parameters = new Map(
      parameters.flatMap((p) => p.base.map((type) => [`${type} ${p.code}`, p] as const)),
    );
    this.#baseUrl = baseUrl;
  }

  of(resourceType: string): readonly Resource[] {
    return this.#resources.filter((r) => r.resourceType === resourceType);
  }

  parameter(resourceType: string, code: string): SearchParameter | undefined {
    return this.#parameters.get(`${resourceType} ${code}`);
  }

  /** Which parameters of the type are of this kind, and demand that of every server. */
  parametersOf(resourceType: string, holds: (p: SearchParameter) => boolean): readonly string[] {
    return [...this.#parameters].flatMap(([key, p]) =>
      key.startsWith(`${resourceType} `) && holds(p) ? [p.code] : [],
    );
  }

  /** With the values of the first resource that has all of them; `vary` turns one into what is asked. */
  ask(
    resourceType: string,
    codes: readonly string[],
    vary: (code: string, value: string) => string = (_code, value) => value,
  ): Asked | undefined {
    for (const resource of this.of(resourceType)) {
      const values = codes.map((code) => this.#value(resource, code));
      if (!values.every((value) => value !== undefined)) continue;
      const parameters = codes.map((code, i) => [code, vary(code, values[i]!)] as const);
      return { parameters, wanted: this.matching(resourceType, parameters) };
    }
    return undefined;
  }

  matching(resourceType: string, parameters: Asked['parameters']): readonly string[] {
    const found = this.of(resourceType).filter((r) =>
      parameters.every(([code, value]) => this.#passes(r, code, value)),
    );
    return found.map(({ id }) => id ?? '').sort();
  }

  #value(resource: Resource, code: string): string | undefined {
    if (code === '_id') return resource.id;
    const parameter = this.#parameterOf(resource, code);
    const values = nodesOf(resource, parameter).flatMap((node) => valueOf(parameter, node) ?? []);
    return values[0];
  }

  #passes(resource: Resource, code: string, value: string): boolean {
    if (code === '_id') return value.split(',').includes(resource.id ?? '');
    const parameter = this.#parameterOf(resource, code);
    const nodes = nodesOf(resource, parameter);
    return value.split(',').some((one) => nodes.some((node) => this.#matches(parameter, node, one)));
  }

  #parameterOf({ resourceType }: Resource, code: string): SearchParameter {
    const parameter = this.parameter(resourceType, code);
    if (!parameter) throw new Error(`US Core has no parameter ${code} of ${resourceType}`);
    return parameter;
  }

  #matches({ type }: SearchParameter, node: Node, value: string): boolean {
    if (type === 'token') return tokenMatches(node, value, undefined);
    if (type === 'reference') return referenceMatches(node, value, undefined, this.#baseUrl);
    if (type === 'date') return dateMatches(node, value, new Date());
    return stringMatches(node, value, undefined);
  }
}

/** A primitive may have an extension instead of a value. */
const nodesOf = (resource: Resource, parameter: SearchParameter): readonly Node[] =>
  select(resource, parameter).filter(({ value }) => value !== undefined && value !== null);

interface Coded {
  readonly system?: string;
  readonly code?: string;
  readonly value?: string;
  readonly coding?: readonly Coded[];
}

function valueOf({ type }: SearchParameter, node: Node): string | undefined {
  const { value } = node;
  if (type === 'token') return tokenOf(value as string | boolean | Coded);
  if (type === 'reference')
    return typeof value === 'string' ? value : (value as { reference?: string }).reference;
  if (type === 'date') {
    const [stored] = storedDates(node);
    return stored && Number.isFinite(stored.low)
      ? new Date(stored.low).toISOString().slice(0, 10)
      : undefined;
  }
  // The whole of a plain string; of names and addresses one part.
  if (typeof value === 'string') return value.includes(',') ? undefined : value;
  const parts: unknown[] = Object.values(value as object).flat();
  return parts.find((part): part is string => typeof part === 'string' && /^[A-Z][a-z]+$/.test(part));
}

function tokenOf(value: string | boolean | Coded): string | undefined {
  if (typeof value !== 'object') return String(value);
  const [coding] = value.coding ?? [value];
  const code = coding?.code ?? coding?.value;
  if (code === undefined) return undefined;
  return coding?.system === undefined ? code : `${coding.system}|${code}`;
}
