/** Questions, and what their answers make of them. */

const ASKS =
  /\?\s*$|^(?:(?:and|so|okay|now|then|um|uh|well|all right)[,.\s]+)*(?:do|does|did|have you|has|any|are you|is there|is it|were|was|how about|what about|how|what|when|where|which|who|why|can you|could you)\b/i;

export const isQuestion = (sentence: string): boolean => ASKS.test(sentence.trim());

export type Answer = 'yes' | 'no' | 'unclear';

const NO =
  /^(?:(?:uh|um|oh|well|hmm|okay|so|and)[,.\s]+)*(?:no\b|nope|nah|not (?:really|that i|at all|any|yet|recently)|none|never|i (?:do not|don't|haven't|have not|didn't|am not|'m not)|i'm not|it (?:does not|doesn't|isn't|hasn't)|negative)/i;
const YES =
  /^(?:(?:uh|um|oh|well|hmm|okay|so|and)[,.\s]+)*(?:yes|yeah|yep|yup|yah|sure|a (?:little|bit|few)|sometimes|occasionally|definitely|i (?:do|have|did|am)\b(?! not)|it (?:does|is|has)\b(?! not)|mm-?hmm|uh-?huh|quite|always|often|every)/i;

/** "No, but …" denies what was asked all the same. */
export function answerOf(reply: string): Answer {
  if (NO.test(reply.trim())) return 'no';
  return YES.test(reply.trim()) ? 'yes' : 'unclear';
}
