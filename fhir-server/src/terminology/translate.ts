/** $translate: what a code is called in another system. https://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import type {
  CodeableConcept,
  Coding,
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElementTarget,
  ConceptMapGroupElementTargetDependsOn,
  Parameters,
  ParametersParameter,
} from '@medplum/fhirtypes';

export interface TranslateQuery {
  /** One, or all of a CodeableConcept. */
  readonly codings: readonly Coding[];
  /** Value sets that a map has to lead from and to. */
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly targetSystem?: string | undefined;
  readonly isReverse: boolean;
  readonly dependencies: readonly Dependency[];
}

export interface Dependency {
  readonly element: string;
  readonly concept: CodeableConcept;
}

interface Match {
  readonly equivalence: string;
  readonly concept?: Coding;
  readonly products: readonly ConceptMapGroupElementTargetDependsOn[];
  /** Canonical of the map. */
  readonly source: string | undefined;
}

/** By canonical, for what a map leaves to another. */
export type FindMap = (canonical: string) => Promise<ConceptMap | undefined>;

/** Maps that lead to each other in a loop, or on and on. */
const MAPS_MAX = 10;

/** That the target does not have the concept. */
const NO_MATCH = new Set(['unmatched', 'disjoint']);

/** The same seen from the other side. */
const INVERSE: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

export async function translate(
  maps: readonly ConceptMap[],
  query: TranslateQuery,
  findMap: FindMap,
): Promise<Parameters> {
  const matches: Match[] = [];
  for (const map of maps.filter((m) => leads(m, query)))
    for (const coding of query.codings)
      matches.push(
        ...(query.isReverse ? back(map, coding, query) : await forth(map, coding, query, findMap)),
      );
  const isFound = matches.some(({ equivalence }) => !NO_MATCH.has(equivalence));
  const message =
    maps.length === 0
      ? 'No concept map is known here that leads from this code system'
      : 'The concept maps have no match for the code';
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: isFound },
      ...(isFound ? [] : [{ name: 'message', valueString: message }]),
      ...matches.map(matchParameter),
    ],
  };
}

/** Which value sets a map is for; a reverse translation goes the other way. */
function leads(map: ConceptMap, { source, target, isReverse }: TranslateQuery): boolean {
  const from = map.sourceCanonical ?? map.sourceUri;
  const to = map.targetCanonical ?? map.targetUri;
  const [start, end] = isReverse ? [to, from] : [from, to];
  return isSame(start, source) && isSame(end, target);
}

const isSame = (has: string | undefined, wanted: string | undefined): boolean =>
  wanted === undefined || has === wanted || has?.split('|')[0] === wanted;

async function forth(
  map: ConceptMap,
  coding: Coding,
  query: TranslateQuery,
  findMap: FindMap,
  within: readonly ConceptMap[] = [],
): Promise<Match[]> {
  const matches: Match[] = [];
  for (const group of map.group ?? []) {
    if (!isOf(group.source, group.sourceVersion, coding)) continue;
    if (query.targetSystem !== undefined && group.target !== query.targetSystem) continue;
    const elements = group.element.filter(({ code }) => code === coding.code);
    const targets = elements.flatMap(({ target = [] }) => target);
    if (elements.length > 0 && targets.length === 0)
      matches.push({ equivalence: 'unmatched', products: [], source: map.url });
    matches.push(
      ...targets
        .filter(({ dependsOn = [] }) => dependsOn.every((d) => isFulfilled(d, query.dependencies)))
        .map((target) => matchOf(target, group, map)),
    );
    if (elements.length === 0)
      matches.push(...(await unmapped(group, map, coding, query, findMap, [...within, map])));
  }
  return matches;
}

/** https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.unmapped */
async function unmapped(
  { unmapped: rule, target: system, targetVersion: version }: ConceptMapGroup,
  map: ConceptMap,
  coding: Coding,
  query: TranslateQuery,
  findMap: FindMap,
  within: readonly ConceptMap[],
): Promise<Match[]> {
  if (rule === undefined) return [];
  const to = { ...(system && { system }), ...(version && { version }) };
  if (rule.mode === 'other-map') {
    const other = rule.url === undefined ? undefined : await findMap(rule.url);
    if (other === undefined || within.includes(other) || within.length >= MAPS_MAX) return [];
    return forth(other, coding, query, findMap, within);
  }
  const { code, display } = rule.mode === 'provided' ? coding : rule;
  if (code === undefined) return [];
  const concept = { ...to, code, ...(display && { display }) };
  const equivalence = rule.mode === 'provided' ? 'equal' : 'inexact';
  return [{ equivalence, concept, products: [], source: map.url }];
}

function back(map: ConceptMap, coding: Coding, query: TranslateQuery): Match[] {
  return (map.group ?? [])
    .filter((group) => isOf(group.target, group.targetVersion, coding))
    .filter(({ source }) => query.targetSystem === undefined || source === query.targetSystem)
    .flatMap(({ source: system, sourceVersion: version, element }) =>
      element.flatMap(({ code, display, target = [] }) =>
        target
          .filter((t) => t.code === coding.code)
          .map(({ equivalence }): Match => {
            const concept = { system, version, code, display };
            return {
              equivalence: INVERSE[equivalence ?? ''] ?? equivalence ?? 'relatedto',
              concept: JSON.parse(JSON.stringify(concept)) as Coding,
              products: [],
              source: map.url,
            };
          }),
      ),
    );
}

const isOf = (system: string | undefined, version: string | undefined, coding: Coding): boolean =>
  system === coding.system &&
  (version === undefined || coding.version === undefined || version === coding.version);

/** What a target depends on has to be given: https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.element.target.dependsOn */
const isFulfilled = (
  { property, system, value }: ConceptMapGroupElementTargetDependsOn,
  given: readonly Dependency[],
): boolean =>
  given.some(
    ({ element, concept: { coding = [], text } }) =>
      element === property &&
      (text === value ||
        coding.some((c) => c.code === value && (system === undefined || c.system === system))),
  );

function matchOf(
  { code, display, equivalence, product = [] }: ConceptMapGroupElementTarget,
  { target: system, targetVersion: version }: ConceptMapGroup,
  map: ConceptMap,
): Match {
  const concept = {
    ...(system && { system }),
    ...(version && { version }),
    ...(code && { code }),
    ...(display && { display }),
  };
  return {
    equivalence: equivalence ?? 'relatedto',
    ...(code === undefined ? {} : { concept }),
    products: product,
    source: map.url,
  };
}

const matchParameter = ({ equivalence, concept, products, source }: Match): ParametersParameter => ({
  name: 'match',
  part: [
    { name: 'equivalence', valueCode: equivalence },
    ...(concept === undefined ? [] : [{ name: 'concept', valueCoding: concept }]),
    ...products.map(({ property, system, value, display }) => ({
      name: 'product',
      part: [
        ...(property === undefined ? [] : [{ name: 'element', valueUri: property }]),
        {
          name: 'concept',
          valueCoding: {
            ...(system && { system }),
            ...(value && { code: value }),
            ...(display && { display }),
          },
        },
      ],
    })),
    ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
  ],
});
