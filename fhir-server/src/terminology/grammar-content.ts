/** Code systems that are a grammar or a list of the runtime rather than a table: units, MIME types, languages, countries, currencies. */
import { createRequire } from 'node:module';
import type { CodeSystem, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import type { CodeSystemContent, Selection, SelectPage } from './code-system-content.ts';
import type { Concept, Neighbours, Subsumption } from './concept.ts';
import { type ConceptSet, contains, listCodes } from './concept-set.ts';
import { linearRegex } from './linear-regex.ts';
import { resourceContent } from './resource-content.ts';
import { textMatcher, wordsOf } from './text-match.ts';

interface Grammar {
  readonly name: string;
  readonly title: string;
  /** How the code reads, or undefined where it is not well formed. */
  display(code: string): string | undefined;
  /** Whether a code passes a filter that the grammar defines. */
  passes?(code: string, filter: ValueSetComposeIncludeFilter): boolean | undefined;
}

const known = new Map<string, CodeSystemContent>();

/** Undefined for all other systems. */
export function grammarContent(url: string): CodeSystemContent | undefined {
  const before = known.get(url);
  if (before !== undefined) return before;
  const grammar = Object.hasOwn(GRAMMARS, url) ? GRAMMARS[url] : undefined;
  const list = Object.hasOwn(LISTS, url) ? LISTS[url] : undefined;
  const content = grammar ? new GrammarContent(url, grammar) : list && resourceContent(list());
  if (content !== undefined) known.set(url, content);
  return content;
}

/** Longer codes are no codes that someone means. */
const CODE_LENGTH_MAX = 256;

class GrammarContent implements CodeSystemContent {
  readonly url: string;
  readonly content = 'complete';
  readonly caseSensitive = true;
  readonly size = 0;
  readonly isListable = false;
  readonly #grammar: Grammar;

  constructor(url: string, grammar: Grammar) {
    this.url = url;
    this.#grammar = grammar;
  }

  get name(): string {
    return this.#grammar.name;
  }
  get title(): string {
    return this.#grammar.title;
  }

  find(codes: readonly string[]): Promise<ReadonlyMap<string, Concept>> {
    const found = new Map<string, Concept>();
    for (const code of codes) {
      const display = this.#display(code);
      if (display === undefined) continue;
      found.set(code, { code, display, inactive: false, abstract: false, designations: [], properties: [] });
    }
    return Promise.resolve(found);
  }

  neighbours(): Promise<Neighbours> {
    return Promise.resolve({ parents: [], children: [] });
  }

  async select(set: ConceptSet, { text, offset, count }: SelectPage): Promise<Selection> {
    const endless = (): never => {
      throw notSupported(`The codes of ${this.url} follow a grammar and cannot be listed`);
    };
    const codes = listCodes(set, {
      all: endless,
      active: endless,
      selectable: endless,
      filtered: endless,
    });
    const matches = text === undefined ? () => true : textMatcher(text);
    const found = [...(await this.find([...codes])).values()].filter(({ code, display = '' }) =>
      matches(wordsOf(`${code}\n${display}`)),
    );
    return { total: found.length, concepts: found.slice(offset, offset + count) };
  }

  async list(set: ConceptSet, max: number): Promise<readonly string[]> {
    return (await this.select(set, { text: undefined, offset: 0, count: max })).concepts.map(
      ({ code }) => code,
    );
  }

  members(set: ConceptSet, codes: readonly string[]): Promise<ReadonlySet<string>> {
    const isMember = (code: string): boolean =>
      contains(set, code, (leaf) => {
        const isCode = this.#display(code) !== undefined;
        return isCode && (leaf.kind !== 'filter' || this.#passes(code, leaf.filter));
      });
    return Promise.resolve(new Set(codes.filter(isMember)));
  }

  subsumption(a: string, b: string): Promise<Subsumption> {
    return Promise.resolve(a === b ? 'equivalent' : 'not-subsumed');
  }

  reach(code: string): Promise<readonly string[]> {
    return Promise.resolve([code]);
  }

  #display(code: string): string | undefined {
    return code.length > CODE_LENGTH_MAX ? undefined : this.#grammar.display(code);
  }

  #passes(code: string, filter: ValueSetComposeIncludeFilter): boolean {
    if (filter.property === 'code' || filter.property === 'concept') {
      if (filter.op === '=') return filter.value === code;
      if (filter.op === 'in') return filter.value.split(',').includes(code);
      if (filter.op === 'regex') return linearRegex(filter.value)(code);
    }
    const passes = this.#grammar.passes?.(code, filter);
    if (passes === undefined)
      throw notSupported(`The filter ${filter.op} on ${filter.property} is not supported for ${this.url}`);
    return passes;
  }
}

/** RFC 6838 section 4.2, with the parameters of RFC 2045 section 5.1. */
const MIME_TYPE =
  /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9*][\w!#$&^.+-]{0,126}( ?; ?[\w!#$&^.+-]{1,127}=("[^"\\]*"|[\w!#$&^.+-]+))*$/;

function languageName(code: string): string | undefined {
  // The runtime also takes Unicode's extensions of BCP 47, which write an underscore.
  if (!/^[A-Za-z0-9-]{2,}$/.test(code)) return undefined;
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(code);
  } catch {
    return undefined;
  }
}

interface Ucum {
  validateUnitString(unit: string): { status: string; unit?: { name?: string | null } | null };
  convertToBaseUnits(unit: string, value: number): { status: string; unitToExp: object | null };
}
let ucum: Ucum | undefined;

/** Loaded with the first unit: it takes some 40 ms. */
function units(): Ucum {
  const require = createRequire(import.meta.url);
  const { UcumLhcUtils } = require('@lhncbc/ucum-lhc') as { UcumLhcUtils: { getInstance(): Ucum } };
  return (ucum ??= UcumLhcUtils.getInstance());
}

function unitName(code: string): string | undefined {
  // The library forgives spaces and mends spellings; UCUM does not.
  if (code === '' || /[^\x21-\x7e]/.test(code)) return undefined;
  const { status, unit } = units().validateUnitString(code);
  return status === 'valid' ? (unit?.name ?? code) : undefined;
}

const dimension = (code: string): string | undefined => {
  const { status, unitToExp } = units().convertToBaseUnits(code, 1);
  const exponents = Object.entries(unitToExp ?? {}).filter(([, e]) => e !== 0);
  return status === 'succeeded' ? JSON.stringify(exponents.sort()) : undefined;
};

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  'http://unitsofmeasure.org': {
    name: 'UCUM',
    title: 'Unified Code for Units of Measure',
    display: unitName,
    // https://hl7.org/fhir/R4/ucum.html: units of the same dimension
    passes(code, { property, op, value }) {
      if (property !== 'canonical' || op !== '=') return undefined;
      const wanted = dimension(value);
      if (wanted === undefined) throw badRequest(`The filter canonical has the value ${value}, no UCUM unit`);
      return dimension(code) === wanted;
    },
  },
  'urn:ietf:bcp:13': {
    name: 'MimeTypes',
    title: 'MIME types (BCP 13)',
    display: (code) => (MIME_TYPE.test(code) ? code : undefined),
  },
  'urn:ietf:bcp:47': { name: 'Languages', title: 'Languages (BCP 47)', display: languageName },
};

const listOf = (
  system: Required<Pick<CodeSystem, 'url' | 'name' | 'content'>>,
  codes: readonly string[],
  display: (code: string) => string | undefined,
): CodeSystem => ({
  resourceType: 'CodeSystem',
  status: 'active',
  ...system,
  caseSensitive: true,
  concept: codes.map((code) => ({ code, display: display(code) ?? code })),
});

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** What the runtime names besides the countries: unions, and codes that ISO has left to their users. */
const NO_COUNTRIES = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ', 'XK', 'AC', 'CP', 'CQ', 'DG', 'EA', 'IC', 'TA']); // prettier-ignore

const LISTS: Readonly<Record<string, () => CodeSystem>> = {
  // The three letters and the digits of the other parts are not known to the runtime.
  'urn:iso:std:iso:3166': () => {
    const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    const codes = LETTERS.flatMap((a) => LETTERS.map((b) => a + b)).filter((code) => {
      const [canonical] = Intl.getCanonicalLocales(`und-${code}`);
      return names.of(code) !== undefined && canonical === `und-${code}` && !NO_COUNTRIES.has(code);
    });
    const system = { url: 'urn:iso:std:iso:3166', name: 'ISO3166', content: 'fragment' } as const;
    return listOf(system, codes, (code) => names.of(code));
  },
  'urn:iso:std:iso:4217': () => {
    const names = new Intl.DisplayNames('en', { type: 'currency' });
    const system = { url: 'urn:iso:std:iso:4217', name: 'ISO4217', content: 'complete' } as const;
    return listOf(system, Intl.supportedValuesOf('currency'), (code) => names.of(code));
  },
  'https://www.iana.org/time-zones': () => {
    const system = {
      url: 'https://www.iana.org/time-zones',
      name: 'TimeZones',
      content: 'fragment',
    } as const;
    return listOf(system, Intl.supportedValuesOf('timeZone'), (code) => code);
  },
};

/** All that is known without a resource or a table. */
export const GRAMMAR_SYSTEMS: readonly string[] = [...Object.keys(GRAMMARS), ...Object.keys(LISTS)];
