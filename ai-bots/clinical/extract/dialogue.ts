/** What a question and its answer say together about a mention; a question by itself says nothing. */
import type { Segment, TraitName } from '../types.ts';
import { assertionsOf } from './assertion.ts';
import type { Concept, Mention } from './lexicon.ts';
import {
  answerOf,
  answerToDenial,
  isAskedInside,
  isAskedNegatively,
  isConfirmation,
  isOpenQuestion,
  isQuestion,
  tellsOfChange,
} from './question.ts';
import type { SpokenSentence } from './spoken-sentence.ts';

export interface Asked {
  readonly segments: readonly Segment[];
  readonly sentences: readonly (readonly SpokenSentence[])[];
  readonly segment: number;
  readonly sentence: number;
  readonly spoken: SpokenSentence;
  readonly mention: Mention;
}

export interface Answered {
  readonly traits: readonly TraitName[];
  readonly source: readonly string[];
  /** The "not" of a question is no denial, its answer is. */
  readonly isReply: boolean;
}

/** Undefined for what was only asked, or is told by the answer itself. */
export function answered(asked: Asked): Answered | undefined {
  const { segments, segment, sentences, spoken, mention } = asked;
  const own = segments[segment];
  if (own === undefined) return undefined;
  const isWhole = isQuestion(spoken.text) || isTrailingOff(asked);
  if (!isWhole && !isAskedInside(spoken.text, mention.start))
    return { traits: [], source: [own.id], isReply: false };
  const confirms = isWhole && isConfirmation(spoken.text);
  if (isDeniedAtOnce(asked, isWhole)) return { traits: ['NEGATION'], source: [own.id], isReply: true };
  if (own.role === 'patient' && !confirms)
    return isToldBeforeAsking(asked) ? { traits: [], source: [own.id], isReply: false } : undefined;
  const reply = replyTo(asked);
  const said = reply === undefined ? undefined : sentences[segment + 1];
  if (reply === undefined || said === undefined)
    return confirms && own.role !== 'patient' ? { traits: [], source: [own.id], isReply: false } : undefined;
  const words = said
    .slice(0, 3)
    .map(({ text }) => text)
    .join(' ');
  // An answer that names the thing itself, or a kind of it, speaks for itself.
  const isNamed = said.some(({ mentions }) =>
    mentions.some(({ concept }) => isKindOf(concept, mention.concept)),
  );
  const both = { source: [own.id, reply.id], isReply: true };
  const answer = isWhole && isAskedNegatively(spoken.text) ? answerToDenial(words) : answerOf(words);
  if (confirms && own.role !== 'patient' && answer !== 'no') return { traits: [], ...both, isReply: false };
  if (answer === 'no' && isDeniedAgain(said, mention)) return { traits: ['NEGATION'], ...both };
  if (isNamed || makesException(said[0])) return undefined;
  if (isAskedForTreatment(asked)) return undefined;
  if (answer === 'no')
    return isOpenQuestion(spoken.text) || isPresupposed(asked)
      ? undefined
      : { traits: ['NEGATION'], ...both };
  if (answer === 'yes') return affirms(asked, words) ? { traits: [], ...both } : undefined;
  return /\b(?:how|what) about\b/i.test(spoken.text) && tellsOfChange(words)
    ? { traits: [], ...both }
    : undefined;
}

/** "Fever? No." in one breath, and "any pain there no okay" without punctuation. */
function isDeniedAtOnce(asked: Asked, isWhole: boolean): boolean {
  const { sentences, segment, sentence, spoken, mention } = asked;
  if (isPresupposed(asked) || isAskedForTreatment(asked)) return false;
  if (!isWhole) return DENIED_INSIDE.test(spoken.text.slice(mention.end));
  const next = sentences[segment]?.[sentence + 1]?.text ?? '';
  return /^(?:no|nope|none)\W*$/i.test(next) && !isOpenQuestion(spoken.text);
}

const DENIED_INSIDE =
  /^(?:(?!\b(?:do|did|have|are|is|was|any|yes|yeah|okay|but|if|when|because)\b)[^.?!]){0,40}?\b(?:no|nope)\b(?! (?:idea|doubt|problem|longer|more|big|worries))/i;

/** "Heart disease?" – "No, no heart disease." */
function isDeniedAgain(said: readonly SpokenSentence[], mention: Mention): boolean {
  const again = said.flatMap((sentence) => {
    const assertions = assertionsOf(sentence);
    return sentence.mentions.flatMap(({ concept }, i) =>
      concept.id === mention.concept.id ? [assertions[i]?.traits.includes('NEGATION') === true] : [],
    );
  });
  return again.length > 0 && again.every((isDenied) => isDenied);
}

/** "I had an MRI not long ago, can you take a look?": told before it is asked for something. */
const isToldBeforeAsking = ({ spoken, mention }: Asked): boolean =>
  /^(?:(?:yes|yeah|no|well|so|um|uh|and|but|okay)[,.]? )*(?:i|i've|i'm|my|it|it's|there's|he|she)\b/i.test(
    spoken.text,
  ) &&
  /, (?:so |and |but )?(?:can|could|would|will|should|do|does|is|are|what|how|when|why) [^,]*\?$/i.test(
    spoken.text.slice(mention.end),
  );

const isKindOf = ({ id }: Concept, asked: Concept): boolean =>
  id === asked.id || id.endsWith(`-${asked.id}`) || id.startsWith(`${asked.id}-`);

/** "No, but a little at night": what is excepted may be what was asked, unless it has another name. */
const makesException = (answer: SpokenSentence | undefined): boolean => {
  const at = /\b(?:but(?! (?:no|none|not|nothing|never)\b)|except|although)\b/i.exec(
    answer?.text ?? '',
  )?.index;
  return (
    at !== undefined &&
    !(answer?.mentions.some(({ start, concept }) => start > at && concept.kind !== 'drug') ?? false)
  );
};

/** "Any other symptoms? Muscle aches, chest pain …": goes on asking. */
function isTrailingOff({ segments, sentences, segment, sentence, spoken }: Asked): boolean {
  const before = sentences[segment]?.[sentence - 1];
  if (!/(?:\.\.\.|…)$/.test(spoken.text) || segments[segment]?.role === 'patient') return false;
  return spoken.tokens.length <= 4 || (before !== undefined && isQuestion(before.text));
}

/** Asked for a treatment: a "no" denies the treatment, not the illness. */
const isAskedForTreatment = ({ spoken, mention }: Asked): boolean =>
  mention.concept.kind !== 'drug' &&
  /\b(?:treat\w*|medicine|medications?|meds|anything|something|tak(?:e|en|ing)|pills?|therapy|doctor|specialist)\b[^,;?]{0,30}\bfor\b(?: (?:your|the|his|her|this|that|these))?[^,;?]{0,25}$/i.test(
    spoken.text.slice(0, mention.start),
  );

/** "Are your hemorrhoids painful?", "any pain when you cough?": a "no" denies the one thing, not the other. */
function isPresupposed({ spoken, mention }: Asked): boolean {
  const before = spoken.text.slice(0, mention.start);
  if (isCircumstance(before) || isExcepted(spoken.text, mention)) return true;
  // "Has the ibuprofen helped?"
  if (
    mention.concept.kind === 'drug' &&
    /^(?:(?! (?:or|and)\b)[^,.?!]){0,30}\b(?:help|work|reliev|improv|eas|touch)/i.test(
      spoken.text.slice(mention.end),
    )
  )
    return true;
  return (
    mention.concept.kind !== 'drug' &&
    /\b(?:your|the|this|that|these|those)\s*$/i.test(before) &&
    !/\b(?:have|had|having|get|getting|feel|with|any|about)(?: \w+){0,2}\s*$/i.test(
      before.replace(/\w+\s*$/, ''),
    )
  );
}

const isCircumstance = (before: string): boolean =>
  /\b(?:when you|while|whenever|after|during|because of|since|(?<!\bsuffer(?:s|ed|ing)? )from|with your|on your|(?:quality|level|intensity|severity) of)(?: \w+)?\s*$/i.test(
    before,
  ) || /\b(?:when|while|whenever|after|since) (?:he|she|they|you)(?: \w+){1,2}\s*$/i.test(before);

/** "Besides the pain in your eye, any other problems?", "any weakness other than in January?" */
const isExcepted = (text: string, { start, end }: Mention): boolean =>
  /\b(?:besides|other th[ae]n|aside from|apart from|except(?: for)?|in addition to)(?! that\b| this\b)[^,;?]*$/i.test(
    text.slice(0, start),
  ) || /^ (?:other th[ae]n|aside from|apart from|except)\b/i.test(text.slice(end));

/** "Fever or cough?" – "Yes." leaves open which; so does a yes to the last of several questions for those before. */
function affirms({ sentences, segment, sentence, spoken, mention }: Asked, words: string): boolean {
  if (isOpenQuestion(spoken.text)) return false;
  if (/\b(?:both|all of|all three|each)\b/i.test(words)) return true;
  const later = (sentences[segment] ?? []).slice(sentence + 1);
  // "You have shoulder pain? Is this new?"
  if (later.some(({ text }) => !/^(?:and |so )?(?:is|was|has) (?:this|that|it)\b/i.test(text))) return false;
  if (/\bor any(?:thing| other)?\b/i.test(spoken.text.slice(mention.end, mention.end + 40))) return false;
  const others = spoken.mentions.filter((m) => m.concept.kind === mention.concept.kind);
  // "Tired or fatigued?" are one.
  return (
    new Set(others.map(({ concept }) => concept.id)).size < 2 ||
    !/\bor\b/i.test(spoken.text.slice(others[0]?.end, others.at(-1)?.start))
  );
}

/**
 * Only somebody else's words answer; without speakers it is the next stretch. The last sentences of the turn are asked
 * together: "Any fever? Any chills?" – "No."
 */
function replyTo({ segments, sentences, segment, sentence }: Asked): Segment | undefined {
  const [own, next] = [segments[segment], segments[segment + 1]];
  const rest = (sentences[segment] ?? []).slice(sentence + 1);
  if (own === undefined || next === undefined || rest.some(({ text }) => !isQuestion(text))) return undefined;
  return next.role === undefined || next.role !== own.role ? next : undefined;
}
