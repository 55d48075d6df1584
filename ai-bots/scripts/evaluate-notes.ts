/** Figures of drafted notes beside those that clinicians wrote, and of section headers. */
import { draftNote, parseTranscript, sectionHeader } from '../clinical/index.ts';
import type { Trained } from '../clinical/model/index.ts';
import type { Visit } from '../training/index.ts';
import { noteText, unsupportedConcepts, unsupportedNumbers } from './evaluate-support.ts';

export interface Measured {
  readonly text: string;
  /** As many words from the start of the dialogue as the draft has. */
  readonly lead: string;
  readonly words: number;
  readonly sentences: number;
  readonly unsupportedNumbers: number;
  readonly unsupportedConcepts: number;
  readonly isEmpty: boolean;
  readonly ms: number;
}

export function measureNote({ dialogue, gender }: Visit, model?: Trained): Measured {
  const transcript = parseTranscript(dialogue, 'text/plain');
  const started = performance.now();
  const drafted = draftNote(transcript, { patient: { gender }, ...(model === undefined ? {} : { model }) });
  const ms = performance.now() - started;
  const text = noteText(drafted);
  const words = text.split(/\s+/).length;
  const said = transcript.segments.flatMap((s) => s.text.split(' '));
  return {
    text,
    lead: said.slice(0, words).join(' '),
    words,
    sentences: drafted.sections.reduce((sum, section) => sum + section.sentences.length, 0),
    unsupportedNumbers: unsupportedNumbers(drafted, transcript).length,
    unsupportedConcepts: unsupportedConcepts(drafted, transcript).length,
    isEmpty: text === '',
    ms,
  };
}

/** Share of pieces whose header is predicted, from 0 to 1. */
export const headerAccuracy = (pieces: readonly Visit[]): number =>
  mean(
    pieces.map(({ dialogue, header }) =>
      sectionHeader(parseTranscript(dialogue, 'text/plain')) === header ? 1 : 0,
    ),
  );

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** As a recogniser without speakers and punctuation would write it, all in one line. */
export const inOneLine = (visit: Visit): Visit => ({
  ...visit,
  dialogue: parseTranscript(visit.dialogue, 'text/plain')
    .segments.map(({ text }) => text.toLowerCase().replace(/ ?[.?!,;:](?=\s|$)/g, ''))
    .join(' '),
});

/** A turn a line, without labels. */
export const withoutLabels = (visit: Visit): Visit => ({
  ...visit,
  dialogue: parseTranscript(visit.dialogue, 'text/plain')
    .segments.map(({ text }) => text)
    .join('\n'),
});
