/** What a clinician did to each sentence of a draft, seen from the draft and the signed note. */
import type { FeedbackSentence, FeedbackVisit } from '../training/index.ts';

interface Sentence {
  readonly id: string;
  readonly text: string;
  readonly source: readonly string[];
}

/** The structured note of a DocumentReference's second content. */
export interface StructuredNote {
  readonly sections: readonly { readonly code: string; readonly sentences: readonly Sentence[] }[];
}

const sentencesOf = (note: StructuredNote): (Sentence & { readonly section: string })[] =>
  note.sections.flatMap(({ code, sentences }) => sentences.map((s) => ({ ...s, section: code })));

/** Sentences keep their ids while they are edited; one with an id of its own was added by hand. */
export function labelled(draft: StructuredNote, signed: StructuredNote): FeedbackSentence[] {
  const [before, after] = [sentencesOf(draft), sentencesOf(signed)];
  const left = new Map(after.map((s) => [s.id, s]));
  const drafted = before.map(({ id, section, text, source }): FeedbackSentence => {
    const now = left.get(id);
    left.delete(id);
    if (now === undefined || now.text.trim() === '') return { section, text, source, label: 'removed' };
    return now.text === text
      ? { section, text, source, label: 'kept' }
      : { section, text, signed: now.text, source, label: 'changed' };
  });
  const added = [...left.values()]
    .filter(({ text }) => text.trim() !== '')
    .map(({ section, text, source }): FeedbackSentence => ({ section, text, source, label: 'added' }));
  return [...drafted, ...added];
}

/** @param hide takes identifiers out of every text */
export function hidden(visit: FeedbackVisit, hide: (text: string) => string): FeedbackVisit {
  return {
    ...visit,
    segments: visit.segments.map((segment) => ({ ...segment, text: hide(segment.text) })),
    sentences: visit.sentences.map(({ signed, ...sentence }) => ({
      ...sentence,
      text: hide(sentence.text),
      ...(signed === undefined ? {} : { signed: hide(signed) }),
    })),
  };
}
