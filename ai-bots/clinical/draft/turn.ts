/** Who speaks, and in which sentences, also where no label and no punctuation tells. */
import type { Trained } from '../model/index.ts';
import { clean, punctuated, voicesOf } from '../transcript/index.ts';
import type { Role, Segment } from '../types.ts';

export type SpeechModels = Pick<Trained['models'], 'end' | 'question' | 'clinician' | 'change'>;

export interface Turn {
  /** Of the segment; a segment without a label may hold several turns. */
  readonly id: string;
  readonly role: Role;
  readonly text: string;
}

/** Written sentences longer than this are read as run-on speech. */
const RUN_ON = 24;

export function turns(segments: readonly Segment[], models: SpeechModels): Turn[] {
  const read = segments.map((segment) => ({ segment, text: readable(segment.text, models) }));
  const unlabelled = read.flatMap(({ segment, text }) =>
    segment.role === undefined
      ? text.split(/(?<=[.?!])\s+/).map((sentence) => ({ id: segment.id, sentence }))
      : [],
  );
  const voices = voicesOf(
    unlabelled.map(({ sentence }) => sentence),
    models,
  );
  const guessed = Map.groupBy(
    unlabelled.map(({ id, sentence }, i) => ({ id, role: voices[i] ?? 'patient', text: sentence })),
    ({ id }) => id,
  );
  return read.flatMap(({ segment, text }) =>
    segment.role === undefined
      ? joined(guessed.get(segment.id) ?? [])
      : [{ id: segment.id, role: segment.role, text }],
  );
}

/** With an end behind each sentence, where the writing lacks them. */
function readable(text: string, models: SpeechModels): string {
  const plain = clean(text);
  if (!/[.?!]/.test(plain)) return punctuated(plain, models);
  return plain
    .split(/(?<=[.?!;])\s+/)
    .map((piece) => (piece.split(' ').length > RUN_ON ? punctuated(piece, models) : piece))
    .join(' ');
}

/** Neighbouring sentences of one speaker are one turn. */
function joined(sentences: readonly Turn[]): Turn[] {
  const out: Turn[] = [];
  for (const sentence of sentences) {
    const last = out.at(-1);
    if (last?.role === sentence.role)
      out[out.length - 1] = { ...last, text: `${last.text} ${sentence.text}` };
    else out.push(sentence);
  }
  return out;
}
