/** Everything that the visit offers to the note: one rewritten sentence each, with its sources and where it was said. */
import type { Transcript } from '../types.ts';
import { clinicianStatement, type Phase } from './clinician.ts';
import { patientStatements } from './patient.ts';
import type { Pronouns } from './person.ts';
import { isQuestion } from './question.ts';
import { written } from './register.ts';
import type { SectionName } from './section.ts';
import { sentences } from './speech.ts';
import { turns, type SpeechModels, type Turn } from './turn.ts';
import { EXAM_START, PLAN_START, RESULT } from './vocabulary.ts';

export interface Candidate {
  readonly section: SectionName;
  readonly text: string;
  /** Ids of the segments, in order. */
  readonly source: readonly string[];
  readonly kind: 'answer' | 'patient' | 'clinician';
  /** The rules find it clinical. */
  readonly clinical: boolean;
  readonly phase: Phase;
  /** Where in the visit, from 0 to 1. */
  readonly at: number;
}

interface Question {
  readonly text: string;
  readonly id: string;
}

/** In the order in which they were said. */
export function candidatesOf(transcript: Transcript, who: Pronouns, models: SpeechModels): Candidate[] {
  const all = turns(transcript.segments, models);
  const found: Candidate[] = [];
  let phase: Phase = 'history';
  let question: Question | undefined;
  all.forEach((turn, i) => {
    const place = { phase, at: i / all.length };
    if (turn.role !== 'clinician') {
      found.push(...answered(turn, question, place, who));
      // "Mm-hmm" leaves the question open for the next turn.
      if (turn.text !== '') question = undefined;
      return;
    }
    for (const sentence of sentences(turn.text)) {
      if (PLAN_START.test(sentence)) phase = 'plan';
      else if (EXAM_START.test(sentence) && phase === 'history') phase = 'exam';
      if (isQuestion(sentence)) {
        question = { text: sentence, id: turn.id };
        continue;
      }
      const statement = clinicianStatement(sentence, phase, who);
      if (statement === undefined) continue;
      if (statement.clinical) question = undefined;
      found.push({ ...statement, source: [turn.id], kind: 'clinician', phase, at: i / all.length });
    }
  });
  return distinct(
    found
      .filter(({ text }) => /[a-z].*[a-z]/i.test(text) && !TALK.test(text))
      .map((candidate) => ({
        ...candidate,
        section: placed(candidate),
        text: written(candidate.text, who),
      }))
      .filter(({ text }) => !FIRST_PERSON.test(text)),
  );
}

/** Thanks, and questions that the rules did not know for questions. */
const TALK = /\bthanks?\b|^(?:is|are|do|does|did|was|were|how|why|who|where|can|could) /i;

/** Whose "I" it was a reader could not tell: the patient's must never become the clinician's. */
const FIRST_PERSON =
  /\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|we'll|our|ours|us|you|you're)\b/i;

/** What an apparatus or a laboratory found stands apart from what the clinician found. */
const placed = ({ section, text }: Candidate): SectionName =>
  section === 'examination' && RESULT.test(text) && !/\bexam/i.test(text) ? 'results' : section;

type Place = Pick<Candidate, 'phase' | 'at'>;

function answered(turn: Turn, question: Question | undefined, place: Place, who: Pronouns): Candidate[] {
  return patientStatements(turn, question?.text, place.phase, who).map((statement) => ({
    section: 'history',
    text: statement.text,
    source: statement.fromQuestion && question !== undefined ? [question.id, turn.id] : [turn.id],
    kind: statement.fromQuestion ? 'answer' : 'patient',
    clinical: statement.clinical,
    ...place,
  }));
}

/** The same sentence said twice is written once, with both sources. */
function distinct(all: readonly Candidate[]): Candidate[] {
  const groups = Map.groupBy(all, (c) => `${c.section} ${c.text.toLowerCase()}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, source: [...new Set(group.flatMap((c) => c.source))] }];
  });
}
