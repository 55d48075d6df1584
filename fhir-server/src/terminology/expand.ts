/** $expand: the concepts of a value set, page by page. https://hl7.org/fhir/R4/valueset-operation-expand.html */
import { randomUUID } from 'node:crypto';
import type { ValueSet, ValueSetExpansion, ValueSetExpansionContains } from '@medplum/fhirtypes';
import { notSupported } from '../fhir/outcome.ts';
import { Composer } from './compose.ts';
import type { Concept } from './concept.ts';
import { activeConcepts, intersectionOf, listCodes, selectableConcepts } from './concept-set.ts';
import type { Contents, Part } from './contents.ts';
import { asNamed, designationsOf, displayIn, languagesOf, onlyNamed } from './designation.ts';
import { nest } from './nest.ts';
import { tooLongPage, unknownCodeSystem } from './refusals.ts';
import type { Reader } from './source.ts';
import { textMatcher, wordsOf } from './text-match.ts';

export interface ExpandQuery {
  /** Words, each the beginning of a word of what a concept is called. */
  readonly filter?: string | undefined;
  readonly offset: number;
  readonly count?: number | undefined;
  readonly includeDesignations: boolean;
  /** `system|code` of uses and languages. */
  readonly designations: readonly string[];
  readonly includeDefinition: boolean;
  readonly activeOnly: boolean;
  /** Abstract concepts are there to navigate by. */
  readonly excludeNotForUI: boolean;
  readonly isNested: boolean;
  readonly displayLanguage?: string | undefined;
  /** Code systems that are left out, as `url` or `url|version`. */
  readonly excludedSystems: readonly string[];
  /** To be told in the expansion. */
  readonly parameters: NonNullable<ValueSetExpansion['parameter']>;
}

/** Throws 400: `not-found` for what is not known here, `too-costly` for a page that is too large. */
export async function expand(
  reader: Reader,
  valueSet: ValueSet,
  canonical: string,
  query: ExpandQuery,
): Promise<ValueSet> {
  const composer = new Composer(reader, { isComplete: true });
  const all = await composer.contents(valueSet, [canonical]);
  const contents = all
    .filter((part) => !isExcluded(part, query.excludedSystems))
    .map((part) => narrow(part, query));
  const isPaged = query.offset > 0 || query.count !== undefined;
  const isNested = query.isNested && query.filter === undefined;
  const { total, listed } = await list(reader, contents, isNested ? { ...query, offset: 0, count: undefined } : query); // prettier-ignore
  const entries = listed.map(({ part, concept }) => entryOf(part, concept, query));
  const isOpen = contents.some(({ content }) => content !== undefined && content.content !== 'complete');
  return {
    ...definition(valueSet, query.includeDefinition),
    expansion: {
      ...(isOpen && { extension: [{ url: UNCLOSED, valueBoolean: true }] }),
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date().toISOString(),
      total,
      ...(isPaged && !isNested && { offset: query.offset }),
      parameter: [...query.parameters, ...usedSystems(contents)],
      contains:
        isNested && query.count !== 0 ? await nest(contents, entries) : query.count === 0 ? [] : entries,
    },
  };
}

/** Of some of its code systems only a part is known: https://hl7.org/fhir/R4/extension-valueset-unclosed.html */
const UNCLOSED = 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed';

const isExcluded = ({ system, version, content }: Part, excluded: readonly string[]): boolean =>
  excluded.includes(system) || excluded.includes(`${system}|${content?.version ?? version}`);

function narrow(part: Part, { activeOnly, excludeNotForUI }: ExpandQuery): Part {
  const { content, set } = part;
  if (content?.isListable !== true || !(activeOnly || excludeNotForUI)) return part;
  const sets = [
    set,
    ...(activeOnly ? [activeConcepts(content.size)] : []),
    ...(excludeNotForUI ? [selectableConcepts(content.size)] : []),
  ];
  return { ...part, set: intersectionOf(sets) };
}

interface Listed {
  readonly part: Part;
  readonly concept: Concept;
}

/** The parts stand one behind the other; of each, as much is read as the page needs. */
async function list(
  reader: Reader,
  contents: Contents,
  { offset, count, filter }: Pick<ExpandQuery, 'offset' | 'count' | 'filter'>,
): Promise<{ total: number; listed: Listed[] }> {
  const { limits } = reader;
  const wanted = Math.min(count ?? Infinity, limits.codes + 1);
  const listed: Listed[] = [];
  let total = 0;
  for (const part of contents) {
    const page = { text: filter, offset: Math.max(offset - total, 0), count: wanted - listed.length };
    const found = await select(part, page);
    total += found.total;
    listed.push(...found.concepts.map((concept) => ({ part, concept })));
  }
  if (listed.length > limits.codes) throw tooLongPage(reader.asked, limits);
  return { total, listed };
}

async function select(
  part: Part,
  page: { readonly text: string | undefined; readonly offset: number; readonly count: number },
): Promise<{ total: number; concepts: readonly Concept[] }> {
  const { content, set, named, system, version } = part;
  if (content !== undefined && set.kind === 'all' && !content.isListable)
    throw notSupported(`The codes of ${system} follow a grammar and cannot be listed`);
  if (content !== undefined && !(set.kind === 'codes' && named.size > 0 && page.text !== undefined)) {
    const { total, concepts } = await content.select(set, page);
    return { total, concepts: concepts.map((concept) => asNamed(concept, named.get(concept.code))) };
  }
  // What a value set calls its concepts is not in the code system's words.
  const unknown = (): never => {
    throw unknownCodeSystem(version === undefined ? system : `${system}|${version}`);
  };
  const codes = [
    ...listCodes(set, { all: unknown, active: unknown, selectable: unknown, filtered: unknown }),
  ];
  const known = await content?.find(codes);
  const concepts = codes.flatMap((code): Concept[] => {
    const concept = known?.get(code);
    if (known === undefined) return [onlyNamed(code, named.get(code))];
    return concept === undefined ? [] : [asNamed(concept, named.get(code))];
  });
  const matches = page.text === undefined ? () => true : textMatcher(page.text);
  const found = concepts.filter(({ code, display = '', designations }) =>
    matches(wordsOf([code, display, ...designations.map(({ value }) => value)].join('\n'))),
  );
  return { total: found.length, concepts: found.slice(page.offset, page.offset + page.count) };
}

function entryOf({ system, version }: Part, concept: Concept, query: ExpandQuery): ValueSetExpansionContains {
  const { code, inactive, abstract } = concept;
  const display = displayIn(concept, languagesOf(query.displayLanguage));
  const shown = query.includeDesignations ? designationsOf(concept, query.designations) : [];
  return {
    system,
    ...(abstract && { abstract }),
    ...(inactive && { inactive }),
    ...(version !== undefined && { version }),
    code,
    ...(display !== undefined && { display }),
    ...(shown.length > 0 && { designation: [...shown] }),
  };
}

/** Which versions it was made of, by the names of R4's examples and of R5. */
const usedSystems = (contents: Contents): NonNullable<ValueSetExpansion['parameter']> =>
  contents.flatMap(({ system, content, version }) => {
    const used = content?.version ?? version;
    const canonical = used === undefined ? system : `${system}|${used}`;
    return [
      { name: 'used-codesystem', valueUri: canonical },
      ...(used === undefined ? [] : [{ name: 'version', valueUri: canonical }]),
    ];
  });

/** https://hl7.org/fhir/R4/valueset-operation-expand.html: the definition only where it is asked for. */
function definition(valueSet: ValueSet, isWhole: boolean): ValueSet {
  if (isWhole) return valueSet;
  const { resourceType, id, meta, url, identifier, version, name, title, status, experimental, date } =
    valueSet;
  const own = { id, meta, url, identifier, version, name, title, status, experimental, date };
  const known = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { resourceType, ...known } as ValueSet;
}
