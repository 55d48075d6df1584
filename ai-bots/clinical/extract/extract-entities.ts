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
    if (isMeasured(spoken.text, mention)) return [];
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

/** "Your vitamin D level", "the testosterone was low": of the blood, not taken. */
const isMeasured = (text: string, { concept, end }: Mention): boolean =>
  concept.kind === 'drug' &&
  /^(?:'s)?\s*(?:levels?\b|(?:was|is|were|came back)\s+(?:not\s+|a little\s+|slightly\s+|a bit\s+|still\s+)?(?:elevated|high|low|normal|within|greater|less|\d))/i.test(
    text.slice(end, end + 40),
  );

const drugAfter = (mentions: readonly Mention[], index: number): Mention | undefined =>
  mentions.slice(index + 1, index + 12).find(({ concept }) => concept.kind === 'drug');

const FEW_WORDS = 4;

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
  if (isQuestion(last.text)) return last;
  // "Cancer runs in your family?" may be put as a statement; a few words then answer it.
  return (sentences[segment]?.[0]?.tokens.length ?? 0) <= FEW_WORDS ? last : undefined;
}

const FILLER = /^(?:and|but|um|uh|yes|yeah|well)$/;
const THEY_HAVE =
  /^(?!.*\b(?:i|i've|you|you've) (?:have|had|also|do)\b).*\b(?:he|she|they) (?:both |all |also )?(?:had|has|have|got|suffered)\b/i;

/** "She had a stroke": about the mother of the sentence before, or of the question. */
function familyTopic(
  place: Place,
  spoken: SpokenSentence,
  turn: readonly SpokenSentence[],
  question: SpokenSentence | undefined,
): string | undefined {
  const { childIsPatient } = place;
  const before = turn[place.sentence - 1];
  const ofBefore = (): string | undefined =>
    before === undefined ? undefined : familyIn(before.tokens, childIsPatient)?.member;
  // "I am fairly certain that they had polio."
  if (THEY_HAVE.test(spoken.text)) return ofBefore();
  const words = spoken.tokens.map(({ text }) => text.toLowerCase());
  if (words.some((w) => /^(?:i|i'm|i've|i'd|me|myself)$/.test(w))) return undefined;
  if (/^(?:he|she|they|both|his|her)$/.test(words.find((w) => !FILLER.test(w)) ?? '')) return ofBefore();
  return question === undefined || place.segments[place.segment]?.role === 'clinician'
    ? undefined
    : familyIn(question.tokens, childIsPatient)?.member;
}

function inFamily(assertion: Assertion, member: string | undefined): Assertion {
  if (member === undefined || assertion.traits.includes('PERTAINS_TO_FAMILY')) return assertion;
  return { traits: [...assertion.traits, 'PERTAINS_TO_FAMILY'], familyMember: member };
}
