/** Whether the sources of each drafted sentence hold what it says. */
import { mentionsIn } from '../clinical/extract/index.ts';
import type { DraftedNote, Transcript } from '../clinical/index.ts';

/** One sentence a line. */
export const noteText = (note: DraftedNote): string =>
  note.sections.map((s) => [s.title, ...s.sentences.map(({ text }) => text)].join('\n')).join('\n');

const NUMBER =
  /\d+(?:[.,]\d+)*|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|once|twice)\b/gi;

/** Numbers, in digits or words, of a sentence that none of its source segments says. */
export function unsupportedNumbers(note: DraftedNote, transcript: Transcript): string[] {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text.toLowerCase()]));
  return note.sections.flatMap(({ sentences }) =>
    sentences.flatMap(({ text, source }) => {
      const available = new Set(source.flatMap((id) => said.get(id)?.match(NUMBER) ?? []));
      return (text.toLowerCase().match(NUMBER) ?? []).filter((number) => !available.has(number));
    }),
  );
}

/** Problems, symptoms and drugs of the lexicon that a sentence names and none of its source segments. */
export function unsupportedConcepts(note: DraftedNote, transcript: Transcript): string[] {
  const said = new Map(transcript.segments.map((s) => [s.id, s.text]));
  return note.sections.flatMap(({ sentences }) =>
    sentences.flatMap(({ text, source }) => {
      const spoken = source.map((id) => said.get(id) ?? '').join('\n');
      const available = new Set(mentionsIn(spoken).map(({ concept }) => concept.name));
      return mentionsIn(text).flatMap(({ concept }) => (available.has(concept.name) ? [] : [concept.name]));
    }),
  );
}
