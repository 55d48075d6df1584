/** Where value sets and code systems come from: the caller's own first, then those of the standard, read once and counted. */
import type { CodeSystem, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { standardCodeSystem, standardValueSet } from '../fhir/definitions/index.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { CodeSystemContent } from './code-system-content.ts';
import { grammarContent } from './grammar-content.ts';
import { implicitValueSet } from './implicit-value-set.ts';
import type { TerminologyLimits } from './limits.ts';
import { tooMuchWork, unknownCodeSystem, unknownValueSet } from './refusals.ts';
import { resourceContent } from './resource-content.ts';

/** The stored resources that the caller may see. */
export interface TerminologySource {
  /** By canonical, with or without `|version`, or by `ValueSet/id`. */
  valueSet(canonical: string): Promise<ValueSet | undefined>;
  /** By canonical, with or without `|version`. */
  codeSystem(url: string): Promise<CodeSystem | undefined>;
  /** Supplements of a code system. */
  supplements?(url: string): Promise<readonly CodeSystem[]>;
  /** A code system whose concepts are kept in tables, by canonical, with or without `|version`. */
  table?(canonical: string): Promise<CodeSystemContent | undefined>;
  conceptMap?(canonical: string): Promise<ConceptMap | undefined>;
  /** Concept maps that lead from, or to, codes of a system. */
  conceptMaps?(side: 'source' | 'target', system: string): Promise<readonly ConceptMap[]>;
}

/** Which versions of code systems a request wants, by url: https://hl7.org/fhir/R4/valueset-operation-expand.html */
export interface SystemVersions {
  /** Where the value set names none. */
  readonly usual: ReadonlyMap<string, string>;
  /** The value set may name no other. */
  readonly required: ReadonlyMap<string, string>;
  /** Whatever the value set names. */
  readonly forced: ReadonlyMap<string, string>;
}

export interface ReaderOptions {
  readonly limits: TerminologyLimits;
  readonly versions?: SystemVersions;
  /** Sent with the request; comes before what is stored. */
  readonly sent?: { readonly valueSet?: ValueSet; readonly codeSystem?: CodeSystem };
}

/** What one request reads, within its limits. */
export class Reader {
  readonly limits: TerminologyLimits;
  /** The canonical that the request names, for what is told to the client. */
  readonly asked: string;
  readonly source: TerminologySource;
  readonly #options: ReaderOptions;
  readonly #contents = new Map<string, Promise<CodeSystemContent | undefined>>();
  #resources = 0;
  #steps = 0;

  constructor(source: TerminologySource, asked: string, options: TerminologyLimits | ReaderOptions) {
    this.source = source;
    this.asked = asked;
    this.#options = 'limits' in options ? options : { limits: options };
    this.limits = this.#options.limits;
  }

  async valueSet(canonical: string): Promise<ValueSet | undefined> {
    this.#countResource();
    const sent = this.#options.sent?.valueSet;
    if (sent?.url !== undefined && sent.url === canonical) return sent;
    return (
      (await this.source.valueSet(canonical)) ?? standardValueSet(canonical) ?? implicitValueSet(canonical)
    );
  }

  /** Throws 400 `not-found`. */
  async knownValueSet(canonical: string): Promise<ValueSet> {
    const found = await this.valueSet(canonical);
    if (found === undefined) throw unknownValueSet(canonical);
    return found;
  }

  /** Throws 400 `not-found` for a code system, or a version of it, whose concepts are not known here. */
  async knownCodeSystem(url: string, version?: string): Promise<CodeSystemContent> {
    const found = await this.codeSystem(url, version);
    if (found === undefined || (version !== undefined && found.version !== version))
      throw unknownCodeSystem(version === undefined ? url : `${url}|${version}`);
    return found;
  }

  /** The version that counts in this request. Throws 400 where the request allows another only. */
  versionOf(system: string, named: string | undefined): string | undefined {
    const { usual, required, forced } = this.#options.versions ?? {};
    const only = required?.get(system);
    if (only !== undefined && named !== undefined && named !== only)
      throw badRequest(
        `A value set asks for version ${named} of ${system}, and the request for ${only} only`,
        'check-system-version',
      );
    return forced?.get(system) ?? named ?? only ?? usual?.get(system);
  }

  /** Undefined where the concepts of the system are not known here. */
  codeSystem(url: string, version?: string): Promise<CodeSystemContent | undefined> {
    const canonical = version === undefined ? url : `${url}|${version}`;
    let content = this.#contents.get(canonical);
    if (content === undefined) {
      this.#countResource();
      this.#contents.set(canonical, (content = this.#load(url, canonical)));
    }
    return content;
  }

  async #load(url: string, canonical: string): Promise<CodeSystemContent | undefined> {
    const sent = this.#options.sent?.codeSystem;
    const isSent = sent?.url === url && (canonical === url || canonical === `${url}|${sent.version}`);
    if (isSent && hasConcepts(sent)) return resourceContent(sent, await this.source.supplements?.(url));
    const [stored, supplements = []] = await Promise.all([
      this.source.codeSystem(canonical),
      this.source.supplements?.(url),
    ]);
    if (stored !== undefined && hasConcepts(stored)) return resourceContent(stored, supplements);
    const table = await this.source.table?.(canonical);
    if (table !== undefined) return table;
    const standard = standardCodeSystem(canonical);
    if (standard !== undefined && hasConcepts(standard)) return resourceContent(standard, supplements);
    return grammarContent(url);
  }

  /** Throws 400 when the request has looked at more concepts than it may. */
  count(concepts: number): void {
    this.#steps += concepts;
    if (this.#steps > this.limits.steps) throw tooMuchWork(this.asked);
  }

  #countResource(): void {
    this.#resources += 1;
    if (this.#resources > this.limits.resources) throw tooMuchWork(this.asked);
  }
}

/** A supplement is no code system of its own. */
const hasConcepts = ({ content, concept }: CodeSystem): boolean =>
  content !== 'supplement' && (concept !== undefined || content === 'complete');
