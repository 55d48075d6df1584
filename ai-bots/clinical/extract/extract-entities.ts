/** Conditions, medications and vital signs of a visit, each with what is said about it. */
import { sentencesOf } from './sentences.ts';
import type { ClinicalEntity, Segment, TraitName, Transcript } from '../types.ts';
import { assertionOf } from './assertion.ts';
import { mentionsIn, type Concept, type Mention } from './lexicon.ts';
import { isAllergy, medicationAttributes } from './medication-attributes.ts';
import { answerOf, isQuestion } from './question.ts';
import { vitalSignsIn } from './vital-signs.ts';

const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';

/** In the order in which they are said. Unanswered questions of the clinician give nothing. */
export function extractEntities(transcript: Transcript): ClinicalEntity[] {
  return transcript.segments.flatMap((segment, i) =>
    sentencesOf(segment.text).flatMap((sentence, k, all) => {
      const reply = k === all.length - 1 ? replyTo(segment, transcript.segments[i + 1]) : undefined;
      return sentenceEntities(segment, sentence, reply);
    }),
  );
}

/** Only somebody else's words answer a question; without speakers it is the next stretch. */
function replyTo(segment: Segment, next: Segment | undefined): Segment | undefined {
  return next !== undefined && (next.role === undefined || next.role !== segment.role) ? next : undefined;
}

function sentenceEntities(segment: Segment, sentence: string, reply: Segment | undefined): ClinicalEntity[] {
  const asked = isQuestion(sentence);
  const mentions = mentionsIn(sentence);
  const found = mentions.flatMap((mention, i) => {
    const behind = sentence.slice(mention.end, mentions[i + 1]?.start);
    return mentionEntity(segment, sentence, mention, behind, asked ? (reply ?? 'none') : undefined) ?? [];
  });
  const vitals = asked ? [] : vitalSignsIn(sentence).map((v) => vitalEntity(segment, v));
  return [...found, ...vitals];
}

function mentionEntity(
  segment: Segment,
  sentence: string,
  mention: Mention,
  behind: string,
  reply: Segment | 'none' | undefined,
): ClinicalEntity | undefined {
  const { concept } = mention;
  const answered = answer(segment, concept, reply);
  if (answered === undefined) return undefined;
  const { traits, familyMember } = assertionOf(sentence, mention.start, mention.end);
  const kinds: TraitName[] =
    concept.kind === 'problem' ? ['DIAGNOSIS'] : concept.kind === 'symptom' ? ['SYMPTOM'] : [];
  const all = [
    ...new Set([
      ...(answered.replacesNegation ? traits.filter((t) => t !== 'NEGATION') : traits),
      ...answered.traits,
      ...kinds,
    ]),
  ];
  const member = familyMember === undefined ? [] : [{ type: 'FAMILY_MEMBER', text: familyMember }];
  const base = {
    traits: all.map((name) => ({ name })),
    source: answered.source,
    saidByClinician: segment.role === 'clinician' && reply === undefined,
  };
  if (concept.kind !== 'drug') {
    const display = concept.name;
    const concepts = concept.code === undefined ? [] : [{ system: ICD_10_CM, code: concept.code, display }];
    return {
      ...base,
      text: concept.name,
      category: 'MEDICAL_CONDITION',
      type: 'DX_NAME',
      attributes: member,
      concepts,
    };
  }
  if (isAllergy(sentence.slice(0, mention.start)))
    return {
      ...base,
      text: `allergy to ${concept.name}`,
      category: 'MEDICAL_CONDITION',
      type: 'DX_NAME',
      traits: [...base.traits, { name: 'DIAGNOSIS' }],
      attributes: member,
      concepts: [],
    };
  return {
    ...base,
    text: mention.text.toLowerCase(),
    category: 'MEDICATION',
    type: mention.text.toLowerCase() === concept.name ? 'GENERIC_NAME' : 'BRAND_NAME',
    attributes: [...member, ...medicationAttributes(behind)],
    concepts: [],
  };
}

interface Answered {
  readonly traits: readonly TraitName[];
  readonly source: readonly string[];
  readonly replacesNegation: boolean;
}

/** What a question and its answer say together; a question by itself says nothing. */
function answer(
  segment: Segment,
  concept: Concept,
  reply: Segment | 'none' | undefined,
): Answered | undefined {
  if (reply === undefined) return { traits: [], source: [segment.id], replacesNegation: false };
  if (reply === 'none' || segment.role === 'patient') return undefined;
  const words = sentencesOf(reply.text).join(' ');
  const said = answerOf(words);
  if (said === 'unclear') return undefined;
  // An answer that names the thing itself, or makes an exception, speaks for itself.
  const isNamed = mentionsIn(words).some((m) => m.concept === concept);
  if (isNamed || /\b(?:but|except|although)\b/i.test(words)) return undefined;
  // "You haven't had a fever?" – "No.": the "not" of a question is no denial, the answer is.
  return {
    traits: said === 'no' ? ['NEGATION'] : [],
    source: [segment.id, reply.id],
    replacesNegation: true,
  };
}

function vitalEntity(segment: Segment, vital: ReturnType<typeof vitalSignsIn>[number]): ClinicalEntity {
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
