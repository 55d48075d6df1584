/** Holds each sentence of a drafted note against the segments that it names: what they do not support is dropped or marked. */
import type { DraftedNote, DraftPatient, NoteSentence, Transcript } from '../types.ts';
import { instructionSegments } from './instruction.ts';
import { judgeSentence } from './sentence.ts';

export interface CheckedNote {
  readonly note: DraftedNote;
  readonly dropped: number;
  readonly marked: number;
}

const FROM_INSTRUCTION = 'comes from words that read like an instruction to the software';

/** @param now decides the patient's age, which a note may state without a source */
export function checkNote(
  note: DraftedNote,
  transcript: Transcript,
  patient: DraftPatient = {},
  now: Date = new Date(),
): CheckedNote {
  const segments = new Map(transcript.segments.map((s) => [s.id, s]));
  const instructions = instructionSegments(transcript);
  const ages = agesOf(patient, now);
  let [dropped, marked] = [0, 0];

  const keep = (sentence: NoteSentence): NoteSentence[] => {
    const { unsupported: _own, ...plain } = sentence;
    const sources = sentence.source.flatMap((id) => segments.get(id) ?? []);
    const isTraceable = sentence.source.length > 0 && sources.length === sentence.source.length;
    const verdict = isTraceable ? judgeSentence(sentence.text, sources, { known: ages }) : undefined;
    if (verdict === undefined || verdict.kind === 'unsupported' || PLACEHOLDER.test(sentence.text)) {
      dropped += 1;
      return [];
    }
    const obeys = sentence.source.some((id) => instructions.has(id));
    const reason = obeys ? FROM_INSTRUCTION : verdict.kind === 'doubtful' ? verdict.reason : undefined;
    if (reason === undefined) return [plain];
    marked += 1;
    return [{ ...plain, unsupported: reason }];
  };

  const sections = note.sections.flatMap((section) => {
    const sentences = section.sentences.flatMap(keep);
    return sentences.length === 0 ? [] : [{ ...section, sentences }];
  });
  return { note: { sections }, dropped, marked };
}

/** A placeholder that stands for nobody was made up. */
const PLACEHOLDER = /\[(?:NAME|DATE|PHONE|EMAIL|ADDRESS|ID|URL|TEXT)-\d+\]/i;

function agesOf({ birthDate }: DraftPatient, now: Date): number[] {
  const year = Number(birthDate?.slice(0, 4));
  if (birthDate === undefined || !Number.isInteger(year)) return [];
  const age = now.getFullYear() - year;
  const hadBirthday = now.toISOString().slice(5, 10) >= birthDate.slice(5, 10);
  return birthDate.length < 10 ? [age - 1, age] : [hadBirthday ? age : age - 1];
}
