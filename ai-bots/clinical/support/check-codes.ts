/** Takes from a coder nothing but codes, and only such as can be codes of their system. */
import type { ClinicalEntity } from '../types.ts';

type Concept = ClinicalEntity['concepts'][number];

/** Systems that proposals may carry, with the form of their codes. */
const FORMS: Readonly<Record<string, RegExp>> = {
  'http://hl7.org/fhir/sid/icd-10-cm': /^[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?$/,
  'http://www.nlm.nih.gov/research/umls/rxnorm': /^\d{1,8}$/,
  'http://snomed.info/sct': /^\d{6,18}$/,
  'http://loinc.org': /^\d{1,7}-\d$/,
};

const isCode = ({ system, code, display }: Concept): boolean =>
  FORMS[system]?.test(code) === true && display.trim() !== '';

export interface CheckedCodes {
  readonly entities: readonly ClinicalEntity[];
  readonly dropped: number;
}

/** Undefined when the coder did not answer for the same entities in the same order. */
export function checkCodes(
  coded: readonly ClinicalEntity[],
  asked: readonly ClinicalEntity[],
): CheckedCodes | undefined {
  if (coded.length !== asked.length || coded.some((entity, i) => entity.text !== asked[i]?.text))
    return undefined;
  let dropped = 0;
  const entities = asked.map((entity, i) => {
    const given = coded[i]?.concepts ?? [];
    const concepts = given.filter(isCode);
    dropped += given.length - concepts.length;
    return { ...entity, concepts };
  });
  return { entities, dropped };
}
