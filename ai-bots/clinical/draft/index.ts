/** A first draft of the visit's note: every sentence is made from what was said, and names the segments it came from. */
import type { DraftedNote, DraftPatient, NoteSentence, Transcript } from '../types.ts';
import { clinicianStatement, type Phase } from './clinician.ts';
import { patientStatements } from './patient.ts';
import { pronouns, type Pronouns } from './person.ts';
import { isQuestion } from './question.ts';
import { SECTIONS, type SectionName } from './section.ts';
import { sentences } from './speech.ts';
import { supportedBy } from './support.ts';
import { turns, type Turn } from './turn.ts';
import { EXAM_START, PLAN_START } from './vocabulary.ts';

interface Drafted {
  readonly section: SectionName;
  readonly text: string;
  readonly source: readonly string[];
}

/** Deterministic; takes milliseconds. `patient.gender` decides the pronouns, "they" when it is not known. */
export function draftNote(
  transcript: Transcript,
  options: { readonly patient?: DraftPatient } = {},
): DraftedNote {
  const drafted = distinct(compose(turns(transcript.segments), pronouns(options.patient?.gender))).filter(
    supportedBy(transcript),
  );
  let count = 0;
  return {
    sections: SECTIONS.flatMap(({ name, code, title }) => {
      const own = drafted
        .filter((d) => d.section === name)
        .map((d): NoteSentence => ({ id: `s${++count}`, text: d.text, source: d.source }));
      return own.length === 0 ? [] : [{ code, title, sentences: own }];
    }),
  };
}

interface Question {
  readonly text: string;
  readonly id: string;
}

function compose(all: readonly Turn[], who: Pronouns): Drafted[] {
  const drafted: Drafted[] = [];
  let phase: Phase = 'history';
  let question: Question | undefined;
  for (const turn of all) {
    if (turn.role !== 'clinician') {
      drafted.push(...answered(turn, question, phase, who));
      // "Mm-hmm" leaves the question open for the next turn.
      if (turn.text !== '') question = undefined;
      continue;
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
      question = undefined;
      drafted.push({ ...statement, source: [turn.id] });
    }
  }
  return drafted.filter(({ text }) => /[a-z].*[a-z]/i.test(text));
}

function answered(turn: Turn, question: Question | undefined, phase: Phase, who: Pronouns): Drafted[] {
  return patientStatements(turn, question?.text, phase, who).map(({ text, fromQuestion }) => ({
    section: 'subjective',
    text,
    source: fromQuestion && question !== undefined ? [question.id, turn.id] : [turn.id],
  }));
}

/** The same sentence said twice is written once, with both sources. */
function distinct(drafted: readonly Drafted[]): Drafted[] {
  const groups = Map.groupBy(drafted, (d) => `${d.section} ${d.text.toLowerCase()}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, source: [...new Set(group.flatMap((d) => d.source))] }];
  });
}
