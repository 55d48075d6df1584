/** Who speaks in each segment, also where no label tells. */
import type { Role, Segment } from '../types.ts';
import { isQuestion } from './question.ts';
import { clean } from './speech.ts';

export interface Turn {
  readonly id: string;
  readonly role: Role;
  readonly text: string;
}

const CLINICIAN_WORDS =
  /\b(?:your (?:\w+ ){0,2}(?:lungs?|heart|exam|blood pressure|results?|x-?ray|pain|\w+ache)|i(?:'m| am) going to (?:start|prescribe|order|refer|put|give|listen|examine)|i'd like (?:you|to (?:see you|order|start you|refer|check your|get (?:some|an?|you)))|see you (?:back|again)|i want you|let's (?:start|get|do|check|have)|we'll (?:start|get|do|check|order)|on (?:exam|your)|i(?: do)? (?:appreciate|recommend)|you have|follow up|lungs are|prescribe|brings you)\b/i;
const PATIENT_WORDS = /\b(?:i've|i have|i am|i'm|my|i feel|i get|i take|i was|i do|it hurts|me|i)\b/i;

/** A guess for the unlabelled: the question's side, words of either side, otherwise the side that did not just ask. */
export function turns(segments: readonly Segment[]): Turn[] {
  let asked = false;
  let last: Role = 'patient';
  return segments.map((segment) => {
    const text = clean(segment.text);
    const role = segment.role ?? guess(text, asked, last);
    asked = isQuestion(text) && role === 'clinician';
    last = role;
    return { id: segment.id, role, text };
  });
}

function guess(text: string, asked: boolean, last: Role): Role {
  if (CLINICIAN_WORDS.test(text) || (isQuestion(text) && !/^(?:i|my)\b/i.test(text))) return 'clinician';
  if (asked || PATIENT_WORDS.test(text)) return 'patient';
  return last;
}
