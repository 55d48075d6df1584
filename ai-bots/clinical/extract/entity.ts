/** A mention with what is said about it, in the form of Comprehend Medical. */
import type { ClinicalEntity, Segment, TraitName } from '../types.ts';
import { narrowedTerm } from './code-certainty.ts';
import type { Assertion } from './assertion.ts';
import type { Answered } from './dialogue.ts';
import type { Concept, Mention } from './lexicon.ts';
import { medicationAttributes } from './medication-attributes.ts';
import type { SpokenSentence } from './spoken-sentence.ts';
import type { SpokenVital } from './vital-signs.ts';

const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';

export interface Said {
  readonly segment: Segment;
  readonly sentence: SpokenSentence;
  readonly mention: Mention;
  readonly answer: Answered;
  readonly assertion: Assertion;
  /** The next medication of the sentence: what follows it is no longer about this one. */
  readonly following?: Mention | undefined;
}

export function mentionEntity(said: Said): ClinicalEntity {
  const { mention, sentence, following } = said;
  const { concept } = mention;
  if (concept.kind === 'drug') {
    const behind = sentence.text.slice(mention.end, following?.start);
    const attributes = medicationAttributes(behind, sentence.text.slice(0, mention.start));
    return {
      ...base(said, []),
      text: mention.text.toLowerCase().replace(/'s$/, ''),
      category: 'MEDICATION',
      type: isBrand(concept, mention.text) ? 'BRAND_NAME' : 'GENERIC_NAME',
      attributes: [...member(said), ...attributes],
      concepts: codes(RXNORM, concept.rxnorm, concept.name),
    };
  }
  if (concept.kind === 'procedure')
    return {
      ...base(said, []),
      text: concept.name,
      category: 'TEST_TREATMENT_PROCEDURE',
      type: 'PROCEDURE_NAME',
      attributes: member(said),
      concepts: [],
    };
  const narrowed = narrowedTerm(sentence, mention);
  return {
    ...base(said, [concept.kind === 'problem' ? 'DIAGNOSIS' : 'SYMPTOM']),
    text: narrowed ?? concept.name,
    category: 'MEDICAL_CONDITION',
    type: 'DX_NAME',
    attributes: member(said),
    concepts: narrowed === undefined ? codes(ICD_10_CM, concept.code, concept.name) : [],
  };
}

export function allergyEntity(said: Said): ClinicalEntity {
  const { concept } = said.mention;
  const text = `allergy to ${concept.name}`;
  return {
    ...base(said, ['DIAGNOSIS']),
    text,
    category: 'MEDICAL_CONDITION',
    type: 'DX_NAME',
    attributes: member(said),
    concepts: codes(ICD_10_CM, concept.allergyCode, text),
  };
}

export function vitalEntity(segment: Segment, vital: SpokenVital): ClinicalEntity {
  const unit = vital.unit === undefined ? [] : [{ type: 'TEST_UNIT', text: vital.unit }];
  return {
    text: vital.name,
    category: 'TEST_TREATMENT_PROCEDURE',
    type: 'TEST_NAME',
    traits: [],
    attributes: [{ type: 'TEST_VALUE', text: vital.value }, ...unit],
    concepts: [],
    source: [segment.id],
    saidByClinician: segment.role === 'clinician',
  };
}

function base({ assertion, answer, segment }: Said, kinds: readonly TraitName[]) {
  const own = answer.isReply ? assertion.traits.filter((t) => t !== 'NEGATION') : assertion.traits;
  return {
    traits: [...new Set([...own, ...answer.traits, ...kinds])].map((name) => ({ name })),
    source: answer.source,
    saidByClinician: segment.role === 'clinician' && !answer.isReply,
  };
}

const member = ({ assertion: { familyMember } }: Said): { type: string; text: string }[] =>
  familyMember === undefined ? [] : [{ type: 'FAMILY_MEMBER', text: familyMember }];

const codes = (system: string, code: string | undefined, display: string): ClinicalEntity['concepts'] =>
  code === undefined ? [] : [{ system, code, display }];

/** The lexicon writes brands with a capital. */
const isBrand = ({ synonyms }: Concept, said: string): boolean =>
  synonyms.some((s) => /^[A-Z]/.test(s) && s.toLowerCase() === said.toLowerCase());
