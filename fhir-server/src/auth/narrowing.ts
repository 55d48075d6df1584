/** The categories to which a person may narrow a scope for Conditions or Observations. https://hl7.org/fhir/us/core/STU7/scopes.html */
import { parseScope } from '../access/index.ts';

const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition-category';
const OBSERVATION = 'http://terminology.hl7.org/CodeSystem/observation-category';

type Category = readonly [token: string, words: string];

const CATEGORIES: Readonly<Record<string, readonly Category[]>> = {
  Condition: [
    [`${CONDITION}|encounter-diagnosis`, 'diagnoses of visits'],
    [`${CONDITION}|problem-list-item`, 'the problem list'],
    ['http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern', 'health concerns'],
  ],
  Observation: [
    [`${OBSERVATION}|laboratory`, 'laboratory results'],
    [`${OBSERVATION}|vital-signs`, 'vital signs'],
    [`${OBSERVATION}|social-history`, 'social history'],
    [`${OBSERVATION}|survey`, 'answers to questionnaires and assessments'],
    ['http://hl7.org/fhir/us/core/CodeSystem/us-core-category|sdoh', 'social circumstances'],
  ],
};

export interface NarrowerScope {
  readonly scope: string;
  readonly words: string;
}

/** None for scopes that name other types, are narrow already, or have the form of v1, which knows no parameters. */
export function narrowerScopes(text: string): readonly NarrowerScope[] {
  const scope = parseScope(text);
  if (scope === undefined || scope.params.length > 0) return [];
  const isV2 = text === `${scope.level}/${scope.resourceType}.${scope.letters}`;
  return (isV2 ? (CATEGORIES[scope.resourceType] ?? []) : []).map(([token, words]) => ({
    scope: `${text}?category=${token}`,
    words,
  }));
}

/** Of what was asked for, what the person ticked: categories of a scope in the place of the scope itself. */
export function chosenScopes(
  requested: readonly string[],
  ticked: ReadonlySet<string>,
  narrowed: ReadonlySet<string>,
): string[] {
  const chosen = requested.flatMap((text) => {
    const narrower = narrowerScopes(text).filter(({ scope }) => narrowed.has(scope));
    if (narrower.length > 0) return narrower.map(({ scope }) => scope);
    return ticked.has(text) ? [text] : [];
  });
  return [...new Set(chosen)];
}
