/** Conditions, medications, procedures and vital signs of a visit, each with what is said about it. */
import type { ClinicalEntity, Segment, Transcript } from '../types.ts';
import { withAllergens } from './allergy.ts';
import { assertionsOf, type Assertion } from './assertion.ts';
import { answered, type Asked } from './dialogue.ts';
import { allergyEntity, mentionEntity, vitalEntity } from './entity.ts';
import { familyIn } from './experiencer.ts';
import type { Mention } from './lexicon.ts';
import { isQuestion } from './question.ts';
import { sentencesOf } from './sentences.ts';
import { spokenSentence, type SpokenSentence } from './spoken-sentence.ts';
import { vitalSignsIn } from './vital-signs.ts';

/** An entity and the words that it stands for. */
export interface PlacedEntity {
  readonly entity: ClinicalEntity;
  /** Index of the segment, and of its sentence. */
  readonly segment: number;
  readonly sentence: number;
  /** In the sentence, as `sentencesOf` gives it; vital signs have no place. */
  readonly start?: number;
  readonly end?: number;
}

/** In the order in which they are said. Unanswered questions give nothing. */
export const extractEntities = (transcript: Transcript): ClinicalEntity[] =>
  placedEntities(transcript).map(({ entity }) => entity);

export function placedEntities({ segments }: Transcript): PlacedEntity[] {
  const sentences = segments.map(({ text }) => sentencesOf(text).map(spokenSentence));
  // A parent or carer who speaks brings a child: "my son has a fever" is the patient's fever.
  const childIsPatient = segments.some(({ role }) => role === 'other');
  return segments.flatMap((segment, i) =>
    (sentences[i] ?? []).flatMap((sentence, k, turn) =>
      sentenceEntities(
        { segments, sentences, segment: i, sentence: k, childIsPatient },
        segment,
        sentence,
        turn,
      ),
    ),
  );
}

interface Place {
  readonly segments: readonly Segment[];
  readonly sentences: readonly (readonly SpokenSentence[])[];
  readonly segment: number;
  readonly sentence: number;
  readonly childIsPatient: boolean;
}

function sentenceEntities(
  place: Place,
  segment: Segment,
  spoken: SpokenSentence,
  turn: readonly SpokenSentence[],
): PlacedEntity[] {
  const topic = questionBefore(place);
  const sentence = withAllergens(spoken, topic !== undefined && /allerg/i.test(topic.text));
  const assertions = assertionsOf(sentence, place.childIsPatient);
  const family = familyTopic(place, spoken, turn, topic);
  const at = { segment: place.segment, sentence: place.sentence };
  const found = sentence.mentions.flatMap((mention, i): PlacedEntity[] => {
    const asked: Asked = { ...place, spoken, mention };
    const answer = answered(asked);
    const assertion = assertions[i];
    if (answer === undefined || assertion === undefined) return [];
    const said = { segment, sentence: spoken, mention, answer, assertion: inFamily(assertion, family) };
    const entity = sentence.allergens.has(mention)
      ? allergyEntity(said)
      : mentionEntity({ ...said, following: drugAfter(sentence.mentions, i) });
    return [{ entity, ...at, start: mention.start, end: mention.end }];
  });
  const vitals = isQuestion(spoken.text) ? [] : vitalSignsIn(spoken.text);
  return [...found, ...vitals.map((vital) => ({ entity: vitalEntity(segment, vital), ...at }))];
}

const drugAfter = (mentions: readonly Mention[], index: number): Mention | undefined =>
  mentions.slice(index + 1, index + 12).find(({ concept }) => concept.kind === 'drug');

/** The question that the speaker of the first sentence of this turn answers. */
function questionBefore({ segments, sentences, segment }: Place): SpokenSentence | undefined {
  const [asks, answers] = [segments[segment - 1], segments[segment]];
  const last = sentences[segment - 1]?.at(-1);
  if (
    last === undefined ||
    asks?.role === 'patient' ||
    (asks?.role !== undefined && asks.role === answers?.role)
  )
    return undefined;
  return isQuestion(last.text) ? last : undefined;
}

/** "She had a stroke": about the mother of the sentence before, or of the question. */
function familyTopic(
  place: Place,
  spoken: SpokenSentence,
  turn: readonly SpokenSentence[],
  question: SpokenSentence | undefined,
): string | undefined {
  const { childIsPatient } = place;
  const words = spoken.tokens.map(({ text }) => text.toLowerCase());
  if (words.some((w) => /^(?:i|i'm|i've|i'd|me|myself)$/.test(w))) return undefined;
  const before = turn[place.sentence - 1];
  if (
    before !== undefined &&
    /^(?:he|she|they|both|his|her)$/.test(
      words.find((w) => !/^(?:and|but|um|uh|yes|yeah|well)$/.test(w)) ?? '',
    )
  )
    return familyIn(before.tokens, childIsPatient)?.member;
  return question === undefined || place.segments[place.segment]?.role === 'clinician'
    ? undefined
    : familyIn(question.tokens, childIsPatient)?.member;
}

function inFamily(assertion: Assertion, member: string | undefined): Assertion {
  if (member === undefined || assertion.traits.includes('PERTAINS_TO_FAMILY')) return assertion;
  return { traits: [...assertion.traits, 'PERTAINS_TO_FAMILY'], familyMember: member };
}
