/** The SearchParameters that this server can search by. https://hl7.org/fhir/R4/searchparameter-registry.html */
import { compileFhirPath, type Selector } from './fhirpath-compile.ts';
import { fallbackSelector } from './fhirpath-fallback.ts';
import { isSupportedType, type SupportedType } from './parameter/index.ts';

/** The parts of a SearchParameter resource that searching needs. */
export interface SearchParameterSource {
  readonly url: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string | undefined;
  readonly target?: readonly string[] | undefined;
}

export interface SupportedParameter extends SearchParameterSource {
  readonly type: SupportedType;
}

/** How one parameter's values are found in resources of one type. */
export interface Extractor {
  readonly parameter: SupportedParameter;
  readonly select: Selector;
  /** Whether the `fhirpath` library evaluates it. */
  readonly fallback: boolean;
  /** Whether its references put the resource in a Patient compartment. */
  readonly compartment: boolean;
}

/** Codes by which resources of a type join the Patient compartment. */
export type Compartment = (resourceType: string) => readonly string[] | undefined;

const GENERAL_BASES = new Set(['Resource', 'DomainResource']);
/** Searched by their own columns, not by index values. */
const BY_COLUMN = new Set(['_id', '_lastUpdated']);
const ALWAYS_UNSUPPORTED = ['_text', '_content', '_list', '_has', '_type', '_query', '_filter'];

export class SearchParameterRegistry {
  readonly #byType = new Map<string, Map<string, SupportedParameter>>();
  readonly #unsupported = new Set<string>();
  readonly #extractors = new Map<string, readonly Extractor[]>();
  readonly #compartment: Compartment;

  constructor(parameters: readonly SearchParameterSource[], compartment: Compartment = () => undefined) {
    this.#compartment = compartment;
    for (const parameter of parameters)
      for (const base of parameter.base) {
        const type = GENERAL_BASES.has(base) ? 'Resource' : base;
        if (isSupported(parameter)) this.#ofType(type).set(parameter.code, parameter);
        else this.#unsupported.add(`${type}.${parameter.code}`);
      }
  }

  /** Undefined for unknown parameters and for those of unsupported types. */
  get(resourceType: string, code: string): SupportedParameter | undefined {
    return this.#byType.get(resourceType)?.get(code) ?? this.#byType.get('Resource')?.get(code);
  }

  /** Whether the standard defines the parameter, but this server cannot search by it yet. */
  isUnsupported(resourceType: string, code: string): boolean {
    return (
      ALWAYS_UNSUPPORTED.includes(code) ||
      this.#unsupported.has(`${resourceType}.${code}`) ||
      this.#unsupported.has(`Resource.${code}`)
    );
  }

  /** All that works for a type, those of every resource first. */
  list(resourceType: string): readonly SupportedParameter[] {
    return [
      ...(this.#byType.get('Resource')?.values() ?? []),
      ...(resourceType === 'Resource' ? [] : (this.#byType.get(resourceType)?.values() ?? [])),
    ];
  }

  /** Compiled on first use and kept. */
  extractors(resourceType: string): readonly Extractor[] {
    let extractors = this.#extractors.get(resourceType);
    if (!extractors) {
      const joins = this.#compartment(resourceType) ?? [];
      extractors = this.list(resourceType)
        .filter((p) => !BY_COLUMN.has(p.code))
        .map((p) => compileExtractor(p, resourceType, joins.includes(p.code)));
      this.#extractors.set(resourceType, extractors);
    }
    return extractors;
  }

  #ofType(type: string): Map<string, SupportedParameter> {
    let map = this.#byType.get(type);
    if (!map) this.#byType.set(type, (map = new Map<string, SupportedParameter>()));
    return map;
  }
}

function isSupported(parameter: SearchParameterSource): parameter is SupportedParameter {
  return (
    isSupportedType(parameter.type) &&
    parameter.expression !== undefined &&
    !ALWAYS_UNSUPPORTED.includes(parameter.code)
  );
}

function compileExtractor(
  parameter: SupportedParameter,
  resourceType: string,
  compartment: boolean,
): Extractor {
  const expression = parameter.expression ?? '{}';
  const compiled = compileFhirPath(expression, resourceType);
  return {
    parameter,
    select: compiled ?? fallbackSelector(expression),
    fallback: compiled === undefined,
    compartment,
  };
}
