/** The SearchParameters that this server can search by. https://hl7.org/fhir/R4/searchparameter-registry.html */
import { compileExtractors, type Extractor } from './compile-extractors.ts';
import type { Selector } from './fhirpath-compile.ts';
import { formOf, type ParameterForm } from './parameter-form.ts';
import { isSupportedType, type SupportedType } from './parameter/index.ts';
import { corrected } from './standard-errata.ts';

/** The parts of a SearchParameter resource that searching needs. */
export interface SearchParameterSource {
  readonly url: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string | undefined;
  readonly target?: readonly string[] | undefined;
  readonly component?: readonly { readonly definition: string; readonly expression: string }[] | undefined;
}

export interface SupportedParameter extends SearchParameterSource {
  readonly type: SupportedType;
}

/** Codes by which resources of a type join the Patient compartment. */
export type Compartment = (resourceType: string) => readonly string[] | undefined;

const GENERAL_BASES = new Set(['Resource', 'DomainResource']);
/** Parameters that parse-search.ts understands by itself; `_query` has no named queries to offer. */
const SPECIAL = new Set(['_text', '_content', '_list', '_has', '_type', '_query', '_filter']);

export class SearchParameterRegistry {
  readonly #byType = new Map<string, Map<string, SupportedParameter>>();
  readonly #byUrl = new Map<string, SearchParameterSource>();
  readonly #extractors = new Map<string, readonly Extractor[]>();
  readonly #forms = new Map<string, ParameterForm>();
  /** `Type.code` of custom parameters that are being indexed and cannot be searched by yet. */
  #unready: ReadonlySet<string> = new Set();
  /** Urls of those added at run time. */
  #custom: ReadonlySet<string> = new Set();
  readonly #compartment: Compartment;
  #revision = 0;

  constructor(parameters: readonly SearchParameterSource[], compartment: Compartment = () => undefined) {
    this.#compartment = compartment;
    for (const parameter of parameters) this.#add(parameter);
  }

  /** Rises with each change, for whoever keeps what he made of the registry. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Replaces the parameters that were added at run time. They are indexed from now on; those in `unready` (`Type.code`)
   * are not searchable yet, and nothing of a type is that has `Type.*` there.
   */
  setCustom(
    standard: readonly SearchParameterSource[],
    custom: readonly SearchParameterSource[],
    unready: ReadonlySet<string>,
  ): void {
    for (const map of [this.#byType, this.#byUrl, this.#extractors, this.#forms]) map.clear();
    for (const parameter of [...standard, ...custom]) this.#add(parameter);
    this.#custom = new Set(custom.map((p) => p.url));
    this.#unready = unready;
    this.#revision += 1;
  }

  /** Undefined for unknown parameters. */
  get(resourceType: string, code: string): SupportedParameter | undefined {
    return this.#byType.get(resourceType)?.get(code) ?? this.#byType.get('Resource')?.get(code);
  }

  byUrl(url: string): SearchParameterSource | undefined {
    return this.#byUrl.get(url);
  }

  /** `*` for the type as a whole: false while its rows are in the index of an older version. */
  isReady(resourceType: string, code: string): boolean {
    return this.isParameterReady(resourceType, code) && this.isParameterReady(resourceType, '*');
  }

  /** Whatever the state of the type as a whole. */
  isParameterReady(resourceType: string, code: string): boolean {
    return this.#unready.size === 0 || !this.#unready.has(`${resourceType}.${code}`);
  }

  /**
   * Those of the standard that work for a type. How values are kept depends on them alone: a parameter that comes and
   * goes must not change what the rows of others hold.
   */
  standard(resourceType: string): readonly SupportedParameter[] {
    return this.list(resourceType).filter((p) => !this.isCustom(p));
  }

  isCustom(parameter: SearchParameterSource): boolean {
    return this.#custom.has(parameter.url);
  }

  /** All that work for a type, those of every resource first. */
  list(resourceType: string): readonly SupportedParameter[] {
    return [
      ...(this.#byType.get('Resource')?.values() ?? []),
      ...(resourceType === 'Resource' ? [] : (this.#byType.get(resourceType)?.values() ?? [])),
    ];
  }

  /** How a parameter's values are kept in a type's table. */
  form(resourceType: string, code: string): ParameterForm {
    const name = `${resourceType}.${code}`;
    let form = this.#forms.get(name);
    if (!form) {
      const parameter = this.get(resourceType, code);
      form = parameter ? formOf(parameter, resourceType, this) : { kind: 'own' };
      this.#forms.set(name, form);
    }
    return form;
  }

  /** Compiled on first use and kept. */
  extractors(resourceType: string): readonly Extractor[] {
    let extractors = this.#extractors.get(resourceType);
    if (!extractors) {
      extractors = compileExtractors(resourceType, this, this.#compartment(resourceType) ?? []);
      this.#extractors.set(resourceType, extractors);
    }
    return extractors;
  }

  /** Where the references of a parameter stand, or of all for `*`; `target` where it takes one type only. */
  references(resourceType: string, code: string): readonly { select: Selector; target?: string }[] {
    const codes =
      code === '*'
        ? this.list(resourceType).filter((p) => p.type === 'reference').map((p) => p.code)
        : [code]; // prettier-ignore
    return codes.flatMap((name): { select: Selector; target?: string }[] => {
      const form = this.form(resourceType, name);
      if (form.kind === 'union') return form.of.flatMap((part) => [...this.references(resourceType, part)]);
      if (form.kind === 'narrowed')
        return this.references(resourceType, form.of).map((r) => ({ ...r, target: form.target }));
      const found = this.extractors(resourceType).find((e) => e.parameter.code === name);
      return found ? [{ select: found.select }] : [];
    });
  }

  /** Codes by which the type joins the Patient compartment. */
  compartmentCodes(resourceType: string): readonly string[] {
    return this.#compartment(resourceType) ?? [];
  }

  #add(published: SearchParameterSource): void {
    const parameter = corrected(published);
    this.#byUrl.set(parameter.url, parameter);
    if (!isSupported(parameter)) return;
    for (const base of parameter.base) {
      const type = GENERAL_BASES.has(base) ? 'Resource' : base;
      let map = this.#byType.get(type);
      if (!map) this.#byType.set(type, (map = new Map<string, SupportedParameter>()));
      map.set(parameter.code, parameter);
    }
  }
}

const isSupported = (parameter: SearchParameterSource): parameter is SupportedParameter =>
  isSupportedType(parameter.type) && parameter.expression !== undefined && !SPECIAL.has(parameter.code);
