/** Profiles by canonical, each compiled once, at its first use. https://hl7.org/fhir/R4/profiling.html#resources */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { entryIndex } from '../bundle-rule.ts';
import { compileElement } from './compile-element.ts';
import { DefinitionError, treeOf } from './element-tree.ts';
import type { Check } from './item.ts';
import { isObject, Run, type ProfileContext, type ProfileReport } from './run.ts';
import type { ConformanceCheck, ProfileSources } from './scope.ts';
import { snapshotOf } from './snapshot.ts';

export interface CompiledProfile {
  readonly url: string;
  readonly version: string | undefined;
  /** Type of what it constrains. */
  readonly type: string;
  readonly definition: StructureDefinition;
  /** What the profile demands beyond the standard, which is to be checked before; never throws. */
  validate(resource: unknown, context?: ProfileContext): ProfileReport;
}

/** References within a Bundle lead to its entries. */
const bundleIndex = (resource: unknown): ProfileContext['resolve'] =>
  isObject(resource) && resource['resourceType'] === 'Bundle' ? entryIndex(resource) : undefined;

const NOTHING: Check = () => undefined;

export class ProfileSet {
  readonly #sources: ProfileSources;
  readonly #checks = new Map<StructureDefinition, ConformanceCheck | DefinitionError>();

  constructor(sources: ProfileSources) {
    this.#sources = sources;
  }

  /** Undefined for a profile that is not known. Throws DefinitionError for one that cannot be compiled. */
  profile(canonical: string): CompiledProfile | undefined {
    const definition = this.#sources.structure(canonical);
    if (definition === undefined) return undefined;
    const compiled = this.#compile(definition);
    if (compiled instanceof DefinitionError) throw compiled;
    const { url = canonical, version, type = '' } = definition;
    return {
      url,
      version,
      type,
      definition,
      validate(resource, context = {}) {
        const resolve = context.resolve ?? bundleIndex(resource);
        const run = new Run(resource, resolve === undefined ? context : { ...context, resolve });
        const found = isObject(resource) ? resource['resourceType'] : undefined;
        const at = context.place ?? (typeof found === 'string' ? found : type);
        if (typeof found === 'string' && found !== type && type !== 'Resource' && type !== 'DomainResource')
          run.report('structure', `Profile ${url}: it is for ${type}, not for ${found}`, at);
        else compiled.check({ value: resource, beside: undefined }, at, run);
        return { issues: run.issues, open: run.open };
      },
    };
  }

  /** A fault is kept, too: a broken profile is looked at once. */
  #compile(definition: StructureDefinition): ConformanceCheck | DefinitionError {
    const known = this.#checks.get(definition);
    if (known !== undefined) return known;
    let made: ConformanceCheck | DefinitionError;
    try {
      made = { definition, check: this.#check(definition) };
    } catch (error) {
      made =
        error instanceof DefinitionError
          ? error
          : new DefinitionError('The profile cannot be compiled', 'StructureDefinition');
    }
    this.#checks.set(definition, made);
    return made;
  }

  #check(definition: StructureDefinition): Check {
    const elements = snapshotOf(definition, this.#sources.structure);
    const tree = treeOf(elements, 'StructureDefinition.snapshot.element');
    const label = `Profile ${definition.url ?? definition.name ?? ''}`;
    return (
      compileElement(tree, {
        label,
        sources: this.#sources,
        conformance: (canonical) => {
          const other = this.#sources.structure(canonical);
          const compiled = other && this.#compile(other);
          return compiled instanceof DefinitionError ? undefined : compiled;
        },
      }) ?? NOTHING
    );
  }
}
