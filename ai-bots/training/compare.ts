/** A newly trained model beside the one in use: on validation visits, and on feedback that neither was trained on. */
import { draftNote, parseTranscript, type Transcript } from '../clinical/index.ts';
import type { Trained } from '../clinical/model/index.ts';
import type { Visit } from './corpora.ts';
import { overlap, signedText, transcriptOf, type FeedbackVisit } from './feedback.ts';

interface Figures {
  /** Mean score against the notes of the validation visits, from 0 to 1. */
  readonly validation: number;
  /** The same against the notes that clinicians signed; undefined without held-out feedback. */
  readonly feedback?: number;
  /** Share of the sentences that clinicians kept or struck out for which the model decides the same. */
  readonly agreement?: number;
}

export interface Comparison {
  readonly current: Figures;
  readonly next: Figures;
  /** In no figure worse than the current one. */
  readonly isNotWorse: boolean;
}

export interface Yardstick {
  readonly validation: readonly Visit[];
  readonly heldOut: readonly FeedbackVisit[];
  /** Text and reference to a number from 0 to 1, higher is better. */
  readonly score: (text: string, reference: string) => number;
}

export function compare(current: Trained, next: Trained, yardstick: Yardstick): Comparison {
  const [old, young] = [figures(current, yardstick), figures(next, yardstick)];
  const isNotWorse =
    young.validation >= old.validation &&
    (young.feedback ?? 0) >= (old.feedback ?? 0) &&
    (young.agreement ?? 0) >= (old.agreement ?? 0);
  return { current: old, next: young, isNotWorse };
}

const linesOf = (transcript: Transcript, gender: Visit['gender'], model: Trained): string[] =>
  draftNote(transcript, { patient: { gender }, model }).sections.flatMap(({ title, sentences }) => [
    title,
    ...sentences.map(({ text }) => text),
  ]);

/** A sentence counts as drafted again when so many of its words are in one drafted sentence. */
const AGAIN = 0.8;

function figures(model: Trained, { validation, heldOut, score }: Yardstick): Figures {
  const notes = validation.map(({ dialogue, gender, note }) =>
    score(linesOf(parseTranscript(dialogue, 'text/plain'), gender, model).join('\n'), note),
  );
  if (heldOut.length === 0) return { validation: mean(notes) };
  const drafts = heldOut.map((visit) => ({
    visit,
    lines: linesOf(transcriptOf(visit), visit.gender, model),
  }));
  const decisions = drafts.flatMap(({ visit, lines }) =>
    visit.sentences.flatMap(({ text, label }) => {
      if (label !== 'kept' && label !== 'removed') return [];
      const isDrafted = lines.some((line) => Math.min(overlap(text, line), overlap(line, text)) > AGAIN);
      return [isDrafted === (label === 'kept') ? 1 : 0];
    }),
  );
  return {
    validation: mean(notes),
    feedback: mean(drafts.map(({ visit, lines }) => score(lines.join('\n'), signedText(visit)))),
    agreement: mean(decisions),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
