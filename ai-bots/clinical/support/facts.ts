/** Holds a sentence against facts as a chart writes them: read in a hurry, so it says what they say in full, or nothing. */
import type { Segment } from '../types.ts';
import { instructionSegments } from './instruction.ts';
import { judgeSentence } from './sentence.ts';

/** Words that turn a fact round: a sentence has one only where a fact has one of the same row. */
const TURNS: readonly RegExp[] = [
  /\b(?:no|not|cannot|never|none|nil|without|denie[sd]|deny|negative|absent|nka|nkda|free of|ruled out|refuted)\b|n't\b/i,
  /\b(?:stop\w*|discontinu\w*|ended|former\w*|resolved|cured|ceased|no longer|held|on hold|paused|withdrawn|inactive|remission)\b/i,
  /\b(?:tolerat\w*|well taken)\b/i,
];
/** What no sentence may leave out of a fact. */
const TURNED = /^(?:no|not|none|nil|never|denie[sd]|negative|nka|nkda)\b|\(on hold\)/i;

/** @param facts as segments of a clinician's, in the words of the chart. @param context dates, the reason for the visit */
export function factsSay(text: string, facts: readonly Segment[], context: readonly Segment[] = []): boolean {
  const all = facts.map((fact) => fact.text).join(' \n ');
  if (TURNS.some((turn) => turn.test(text) && !turn.test(all))) return false;
  const isTurned = facts.length > 0 && facts.every((fact) => TURNED.test(fact.text));
  if (isTurned && !TURNS.some((turn) => turn.test(text))) return false;
  return judgeSentence(text, [...facts, ...context], { isWritten: true }).kind === 'supported';
}

export const isInstruction = (fact: Segment): boolean => instructionSegments({ segments: [fact] }).size > 0;
