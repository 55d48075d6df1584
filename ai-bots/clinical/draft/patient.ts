/** What the patient, or someone for the patient, said: answers and own statements. */
import type { Phase } from './clinician.ts';
import { patientVoice, type Pronouns } from './person.ts';
import {
  answerOf,
  askedFor,
  confirmation,
  denial,
  isQuestion,
  mixedAnswer,
  plainAnswer,
  topicOf,
} from './question.ts';
import { finish, sentences } from './speech.ts';
import type { Turn } from './turn.ts';
import { clinical, SMALL_TALK } from './vocabulary.ts';

export interface PatientStatement {
  readonly text: string;
  /** The clinician's question lent words to it. */
  readonly fromQuestion: boolean;
  /** The rules find it clinical; what they would drop is left to the selector. */
  readonly clinical: boolean;
}

const OPENER =
  /^(?:(?:(?:yes|yeah|yep|yup|no|nope|nah|not really|not at all|none|correct|absolutely|definitely)\b|(?:sure|i do|i am|i have|i did|i do not|i have not|i did not|i am not|that's right)(?=\s*(?:[,.]|$)))[\s,.]*)+/i;
/** Whoever asks what happened wants the story, clinical words or not. */
const STORY = /\b(?:what happened|anything happen|what were you doing|how did (?:it|this|that|you))\b/i;
const DEGREE = /^(?:a (?:little|bit)|only|sometimes|just|occasionally|mostly|maybe)\b/i;
const CLAUSE = /\b(?:i|i'm|i've|i'd|i'll|it|it's|he|she|they|we|that|that's|there|there's)\b/i;

/** In the examination and the plan only what is clinical is kept; answers ("no pain there") belong to the history. */
export function patientStatements(
  turn: Turn,
  question: string | undefined,
  phase: Phase,
  who: Pronouns,
): PatientStatement[] {
  const said = sentences(turn.text);
  const [first] = said;
  if (first === undefined) return [];
  if (turn.role === 'other')
    return (
      said
        .map((s) => s.replace(/\b(?:i|we) (?:think|believe|guess)(?: that)? /gi, ''))
        // Whose "I" a relative's is cannot be told from the patient's by a reader.
        .filter((s) => isStatement(s) && !/\b(?:i|i'm|i've|me|my|we|our)\b/i.test(s))
        .map((s) => ({ text: finish(s), fromQuestion: false, clinical: isClinical(s, false) }))
    );
  const out: PatientStatement[] = [];
  const answer = question === undefined || SMALL_TALK.test(question) ? undefined : answerOf(first);
  let rest = said;
  const mixed = answer === 'no' ? mixedAnswer(first, question ?? '') : undefined;
  if (mixed !== undefined && phase !== 'plan') {
    // Such an answer says itself what is denied: the question's list would say too much.
    if (mixed.denied !== undefined)
      out.push({ text: denial(mixed.denied, who), fromQuestion: true, clinical: true });
    const named = mixed.confirmed === undefined ? undefined : confirmation(mixed.confirmed, who);
    if (named !== undefined) out.push({ text: named, fromQuestion: true, clinical: true });
    rest = [...(mixed.rest === undefined ? [] : [mixed.rest]), ...said.slice(1)];
  } else if (question !== undefined && answer !== undefined && phase !== 'plan') {
    const items = askedFor(question);
    const text =
      items === undefined
        ? clinical(question) > 0
          ? plainAnswer(question, answer, who)
          : undefined
        : clinical(items) === 0
          ? undefined
          : answer === 'no'
            ? denial(items, who)
            : confirmation(items, who);
    const remainder = first.replace(OPENER, '').replace(/^(?:but|and)\s+/i, '');
    const detail =
      text !== undefined &&
      /^(?:about |around |maybe |just )?\w+/i.test(remainder) &&
      !CLAUSE.test(remainder) &&
      answer === 'yes' &&
      remainder.split(' ').length <= 8;
    if (text !== undefined)
      out.push({
        text: detail ? finish(`${text.slice(0, -1)}, ${remainder}`) : text,
        fromQuestion: true,
        clinical: true,
      });
    rest = [detail ? '' : remainder, ...said.slice(1)].filter((s) => /\w/.test(s));
  }
  const topic = question === undefined ? undefined : topicOf(question);
  const story = question !== undefined && phase === 'history' && STORY.test(question);
  rest.forEach((sentence, i) => {
    const fragment = !CLAUSE.test(sentence);
    if (
      (fragment || DEGREE.test(sentence)) &&
      i === 0 &&
      answerOf(first) === undefined &&
      topic !== undefined &&
      sentence.split(' ').length <= 14
    )
      out.push({
        text: finish(`${topic}: ${patientVoice(stripAnswer(sentence), who)}`),
        fromQuestion: true,
        clinical: true,
      });
    else if (isStatement(sentence))
      out.push({
        text: fragment ? reported(sentence, who) : patientVoice(sentence, who),
        fromQuestion: false,
        clinical:
          isClinical(sentence, phase === 'plan') || (i === 0 && story && sentence.split(' ').length > 3),
      });
  });
  return out.filter(({ text }) => text.length > 4);
}

const stripAnswer = (text: string): string =>
  text.replace(/^(?:about|just|probably|maybe|like)\s+(?=\w)/i, (all) =>
    /^(?:about|probably|maybe)/i.test(all) ? all : '',
  );

const reported = (sentence: string, who: Pronouns): string =>
  patientVoice(
    /^(?:no|denies)\b/i.test(sentence)
      ? sentence.replace(/^no\b/i, 'Denies')
      : `Patient reports ${sentence.replace(/^just\s+/i, '')}`,
    who,
  );

const isStatement = (sentence: string): boolean =>
  !isQuestion(sentence) && !/\byou(?:r|'re)?\b/i.test(sentence) && sentence.split(' ').length >= 2;

const isClinical = (sentence: string, late: boolean): boolean =>
  !SMALL_TALK.test(sentence) && clinical(sentence) > (late ? 1 : 0);
