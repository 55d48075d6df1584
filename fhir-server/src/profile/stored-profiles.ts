/** The stored StructureDefinitions as compiled profiles: loaded with all that they refer to at their first use, and kept. https://hl7.org/fhir/R4/profiling.html */
import type { StructureDefinition } from '@medplum/fhirtypes';
import {
  compactExtension,
  standardStructureDefinition,
  type ExtensionDefinition,
} from '../fhir/definitions/index.ts';
import type { ProfileLookup } from '../interaction/index.ts';
import {
  DefinitionError,
  dependenciesOf,
  ProfileSet,
  snapshotOf,
  type CodeTest,
  type CompiledProfile,
} from '../validate/index.ts';

/** Where definitions are stored. */
export interface ProfileStore {
  structure(canonical: string): Promise<StructureDefinition | undefined>;
  /** Canonicals of the stored definitions of extensions. */
  extensions(): Promise<readonly StructureDefinition[]>;
  /** Canonicals of the profiles of resource types, by their types. */
  supported(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** The codes of a value set; undefined when they cannot be listed. */
  codes(valueSet: string): Promise<CodeTest | undefined>;
}

/** Canonicals that are remembered, known and unknown ones: claims are the clients' to make up. */
const CANONICALS_MAX = 20_000;
/** Definitions that one profile may need, over all that they refer to. */
const REFERRED_MAX = 2_000;
/** How long the codes of a value set are taken to be the same. */
const CODES_TTL_MS = 60_000;

/** What was loaded since the last change of a definition. */
class Generation {
  readonly structures = new Map<string, StructureDefinition | undefined>();
  readonly codes = new Map<string, { test: CodeTest | undefined; since: number }>();
  /** Canonicals that are here with all that they refer to. */
  readonly ready = new Map<string, Promise<void>>();
  readonly profiles = new ProfileSet({
    structure: (canonical) => standardStructureDefinition(canonical) ?? this.structures.get(canonical),
    codes: (canonical) => this.codes.get(canonical)?.test,
  });
}

export class StoredProfiles implements ProfileLookup {
  readonly #store: ProfileStore;
  #generation = new Generation();
  #extensions: ReadonlyMap<string, ExtensionDefinition> = new Map();
  #extensionsOf: Generation | undefined;
  #supported: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(store: ProfileStore) {
    this.#store = store;
  }

  /** The compiled profile; undefined when it is not known. Throws DefinitionError when it cannot be compiled. */
  async find(canonical: string): Promise<CompiledProfile | undefined> {
    const generation = this.#generation;
    if (generation.structures.size > CANONICALS_MAX) this.forget();
    let loading = generation.ready.get(canonical);
    if (loading === undefined) {
      loading = this.#load(generation, canonical);
      generation.ready.set(canonical, loading);
      // A fault of the database is not kept, one of the definition is.
      loading.catch((error: unknown) => {
        if (!(error instanceof DefinitionError)) generation.ready.delete(canonical);
      });
    }
    await loading;
    this.#refresh(generation);
    return generation.profiles.profile(canonical);
  }

  /** For the synchronous validation; those of extensions that were stored when the last change was followed. */
  extension(url: string): ExtensionDefinition | undefined {
    return this.#extensions.get(url);
  }

  /** For the CapabilityStatement; those that were stored when the last change was followed. */
  get supported(): ReadonlyMap<string, readonly string[]> {
    return this.#supported;
  }

  /** To be called when a definition has changed. */
  forget(): void {
    this.#generation = new Generation();
  }

  /** What is asked for without waiting. */
  async loadLists(): Promise<void> {
    const generation = this.#generation;
    if (this.#extensionsOf === generation) return;
    const [found, supported] = await Promise.all([this.#store.extensions(), this.#store.supported()]);
    const compact = found.flatMap((definition) => extensionOf(definition) ?? []);
    this.#extensions = new Map(compact.map((extension) => [extension.url, extension]));
    this.#supported = supported;
    this.#extensionsOf = generation;
  }

  async #load(generation: Generation, canonical: string): Promise<void> {
    const before = generation.structures.size;
    let waiting = [canonical];
    const valueSets = new Set<string>();
    while (waiting.length > 0) {
      if (generation.structures.size > before + REFERRED_MAX)
        throw new DefinitionError(
          `It refers to more than ${REFERRED_MAX} definitions`,
          'StructureDefinition',
        );
      const found = await Promise.all(waiting.map((next) => this.#structure(generation, next)));
      const next = new Set<string>();
      for (const definition of found) {
        if (definition === undefined) continue;
        const needs = dependenciesOf(definition);
        for (const structure of needs.structures)
          if (!generation.structures.has(structure)) next.add(structure);
        for (const valueSet of needs.valueSets) valueSets.add(valueSet);
      }
      waiting = [...next];
    }
    await this.#loadCodes(
      generation,
      [...valueSets].filter((valueSet) => !generation.codes.has(valueSet)),
    );
  }

  async #structure(generation: Generation, canonical: string): Promise<StructureDefinition | undefined> {
    const known = standardStructureDefinition(canonical);
    // What the standard's own definitions refer to is the standard's.
    if (known !== undefined && known.derivation !== 'constraint') return undefined;
    if (known !== undefined) {
      if (generation.structures.has(canonical)) return undefined;
      generation.structures.set(canonical, known);
      return known;
    }
    const found = await this.#store.structure(canonical);
    generation.structures.set(canonical, found);
    return found;
  }

  async #loadCodes(generation: Generation, valueSets: readonly string[]): Promise<void> {
    await Promise.all(
      valueSets.map(async (valueSet) => {
        const test = await this.#store.codes(valueSet);
        generation.codes.set(valueSet, { test, since: Date.now() });
      }),
    );
  }

  /** Behind the back of who asks: codes that are a minute old serve once more. */
  #refresh(generation: Generation): void {
    const now = Date.now();
    const [oldest] = generation.codes;
    if (oldest === undefined || now - oldest[1].since < CODES_TTL_MS) return;
    const all = [...generation.codes.keys()];
    for (const [valueSet, kept] of generation.codes) generation.codes.set(valueSet, { ...kept, since: now });
    void this.#loadCodes(generation, all).catch(() => undefined);
  }
}

/** Undefined for what cannot be read as an extension: it is then one that nobody here knows. */
function extensionOf(definition: StructureDefinition): ExtensionDefinition | undefined {
  try {
    const element = snapshotOf(definition, standardStructureDefinition);
    return compactExtension({ ...definition, snapshot: { element } });
  } catch {
    return undefined;
  }
}
