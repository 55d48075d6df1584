/** What an operation is asked with, from the query, a Parameters resource or a resource alone. https://hl7.org/fhir/R4/operations.html#executing */
import type {
  CodeableConcept,
  Coding,
  Meta,
  Parameters,
  ParametersParameter,
  Resource,
} from '@medplum/fhirtypes';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import { checkResource, type OperationCall, type Server } from '../interaction/index.ts';

export type InputKind =
  'text' | 'boolean' | 'whole' | 'Coding' | 'Meta' | 'CodeableConcept' | 'resource' | 'parts';

/** Each input parameter by its name; with `*` it may be given more than once. */
export type InputTable = Readonly<Record<string, InputKind | `${InputKind}*`>>;

interface Given {
  readonly place: string;
  /** Absent for parameters of the query. */
  readonly parameter?: ParametersParameter;
  readonly text?: string;
}

/** General parameters of every request: https://hl7.org/fhir/R4/http.html#parameters */
const GENERAL = new Set(['_format', '_pretty', '_summary', '_elements']);

export class OperationInput {
  readonly #given = new Map<string, Given[]>();

  /** Throws 400 for a malformed body, a parameter that may be given once, and under strict handling for unknown ones. */
  constructor(server: Server, call: OperationCall, table: InputTable) {
    for (const [name, text] of call.parameters) this.#add(table, call, name, { place: name, text });
    for (const [i, parameter] of bodyParameters(server, call.body, table).entries())
      this.#add(table, call, parameter.name, { place: `Parameters.parameter[${i}]`, parameter });
  }

  #add(table: InputTable, { handling }: OperationCall, name: string, given: Given): void {
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) {
      if (handling === 'strict' && !GENERAL.has(name))
        throw notSupported(`The operation has no parameter ${name.slice(0, 64)}`, given.place.slice(0, 64));
      return;
    }
    const before = this.#given.get(name) ?? [];
    if (before.length > 0 && !kind.endsWith('*'))
      throw badRequest(`The parameter ${name} may be given once`, given.place);
    this.#given.set(name, [...before, given]);
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  texts(name: string): string[] {
    return (this.#given.get(name) ?? []).map((given) => textOf(name, given));
  }

  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined || text === 'true' || text === 'false') return text && text === 'true';
    throw badRequest(`Parameter ${name}: not true or false`, this.#place(name));
  }

  /** From 0 on. */
  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text))
      throw badRequest(`Parameter ${name}: not a whole number from 0 to 999999999`, this.#place(name));
    return Number(text);
  }

  codings(name: string): Coding[] {
    return this.#complex(name, 'valueCoding');
  }

  codeableConcept(name: string): CodeableConcept | undefined {
    return this.#complex<CodeableConcept>(name, 'valueCodeableConcept')[0];
  }

  meta(name: string): Meta | undefined {
    return this.#complex<Meta>(name, 'valueMeta')[0];
  }

  resource<T extends Resource>(name: string, resourceType: T['resourceType']): T | undefined {
    const [given] = this.#given.get(name) ?? [];
    if (given === undefined) return undefined;
    const { resource } = given.parameter ?? {};
    if (resource?.resourceType !== resourceType)
      throw badRequest(`Parameter ${name}: a ${resourceType} is expected`, given.place);
    return resource as T;
  }

  /** Of each repetition the parts by their names. */
  parts(name: string): ReadonlyMap<string, ParametersParameter>[] {
    return (this.#given.get(name) ?? []).map(
      ({ parameter }) => new Map((parameter?.part ?? []).map((part) => [part.name, part])),
    );
  }

  #complex<T>(name: string, element: 'valueCoding' | 'valueCodeableConcept' | 'valueMeta'): T[] {
    return (this.#given.get(name) ?? []).map(({ place, parameter }) => {
      const value = parameter?.[element];
      if (value === undefined)
        throw badRequest(
          `Parameter ${name}: a ${element.slice(5)} is expected, in the Parameters resource of a POST`,
          place,
        );
      return value as T;
    });
  }

  #place(name: string): string | undefined {
    return this.#given.get(name)?.[0]?.place;
  }
}

function bodyParameters(server: Server, body: unknown, table: InputTable): readonly ParametersParameter[] {
  if (body === undefined) return [];
  const { resourceType } = (body ?? {}) as { resourceType?: unknown };
  // The one resource that an operation takes may be the body itself.
  const [name, ...others] = Object.keys(table).filter((key) => table[key] === 'resource');
  if (name !== undefined && others.length === 0 && String(resourceType).toLowerCase() === name.toLowerCase())
    return [{ name, resource: checkResource(server, body, String(resourceType)) }];
  return (checkResource(server, body, 'Parameters') as Parameters).parameter ?? [];
}

function textOf(name: string, { text, place, parameter }: Given): string {
  if (text !== undefined) return text;
  const value = Object.entries(parameter ?? {}).find(([key]) => key.startsWith('value'))?.[1] as unknown;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw badRequest(`Parameter ${name}: one value of a simple type is expected`, place);
}
