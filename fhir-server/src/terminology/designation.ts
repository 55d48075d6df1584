/** In which words a concept is shown: its display, its designations, and what a value set calls it. https://hl7.org/fhir/R4/codesystem.html#designations */
import type { CodeSystemConceptDesignation, ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import type { Concept } from './concept.ts';

/** Languages in the order of preference: `de-CH,de;q=0.8`. Throws 400 for what is none. */
export function languagesOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const wanted = text.split(',').map((part) => part.split(';')[0]!.trim());
  if (wanted.length > 20 || wanted.some((tag) => !/^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*|\*)$/.test(tag)))
    throw badRequest('Parameter displayLanguage: not a language of BCP 47', 'displayLanguage');
  return wanted;
}

/** A language that is asked for covers its regional forms. */
const speaks = (wanted: string, language: string | undefined): boolean => {
  const [asked, has] = [wanted.toLowerCase(), language?.toLowerCase()];
  return has !== undefined && (has === asked || has.startsWith(`${asked}-`));
};

/** The display in the first language that there is one in; the code system's own otherwise. */
export function displayIn(
  { display, designations }: Pick<Concept, 'display' | 'designations'>,
  languages: readonly string[],
): string | undefined {
  for (const wanted of languages) {
    const found = designations.find(({ language }) => speaks(wanted, language));
    if (found !== undefined) return found.value;
  }
  return display;
}

/** As the value set describes it: https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.concept.display */
export const asNamed = (concept: Concept, named: ValueSetComposeIncludeConcept | undefined): Concept =>
  named === undefined
    ? concept
    : {
        ...concept,
        display: named.display ?? concept.display,
        designations: [...(named.designation ?? []), ...concept.designations],
      };

/** A code that the value set lists of a system that is not known here. */
export const onlyNamed = (code: string, named: ValueSetComposeIncludeConcept | undefined): Concept =>
  asNamed({ code, inactive: false, abstract: false, designations: [], properties: [] }, named);

/** Whether the text is one of the names of the concept; spaces and case do not count. */
export function isCalled(concept: Concept, text: string): boolean {
  const wanted = plain(text);
  return [concept.display, ...concept.designations.map(({ value }) => value)].some(
    (name) => name !== undefined && plain(name) === wanted,
  );
}

const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** `tokens`: `system|code` of a use or a language, or a language alone; without any, all are wanted. */
export function designationsOf(
  { designations }: Concept,
  tokens: readonly string[],
): readonly CodeSystemConceptDesignation[] {
  if (tokens.length === 0) return designations;
  return designations.filter(({ language, use }) =>
    tokens.some((token) => {
      const bar = token.indexOf('|');
      const [system, code] = bar < 0 ? [undefined, token] : [token.slice(0, bar), token.slice(bar + 1)];
      if (system === undefined || system === BCP_47) return speaks(code, language);
      return use?.system === system && (code === '' || use.code === code);
    }),
  );
}

const BCP_47 = 'urn:ietf:bcp:47';
