/** A first draft of the visit's note: every sentence is made from what was said, and names the segments it came from. */
import { hashed, probability, score, trained, type Trained } from '../model/index.ts';
import type { DraftedNote, DraftPatient, NoteSentence, Transcript } from '../types.ts';
import { candidatesOf, type Candidate } from './candidate.ts';
import { selectionFeatures } from './features.ts';
import { pronouns } from './person.ts';
import { chiefComplaint, reviewOfSystems, type Written } from './review.ts';
import { SECTIONS, type SectionName } from './section.ts';
import { supportedBy } from './support.ts';

export { sectionHeader } from './header.ts';

/** Deterministic; takes milliseconds. `patient.gender` decides the pronouns, "the patient" or "they" when it is not known. */
export function draftNote(
  transcript: Transcript,
  options: { readonly patient?: DraftPatient; readonly model?: Trained } = {},
): DraftedNote {
  const { model = trained() } = options;
  const isSupported = supportedBy(transcript);
  const who = pronouns(options.patient?.gender);
  const candidates = candidatesOf(transcript, who, model.models).filter(isSupported);
  const chosen = select(candidates, model);
  const drafted = new Map<SectionName, readonly Written[]>(Map.groupBy(chosen, ({ section }) => section));
  const history = drafted.get('history') ?? [];
  // A piece of a visit is too short to be told twice.
  if (candidates.length >= FEW) {
    drafted.set('complaint', chiefComplaint(history).filter(isSupported));
    drafted.set('review', reviewOfSystems(history).filter(isSupported));
  }
  let count = 0;
  return {
    sections: SECTIONS.flatMap(({ name, code, title }) => {
      const sentences = (drafted.get(name) ?? []).map(({ text, source }): NoteSentence => ({
        id: `s${++count}`,
        text,
        source,
      }));
      return sentences.length === 0 ? [] : [{ code, title, sentences }];
    }),
  };
}

/** In a piece of a visit with fewer candidates everything clinical is worth its words. */
const FEW = 12;

function select(candidates: readonly Candidate[], { models, threshold }: Trained): Candidate[] {
  if (candidates.length < FEW) return candidates.filter(({ clinical }) => clinical);
  return candidates.filter((candidate) => {
    const features = hashed(selectionFeatures(candidate), models.select.bits);
    return probability(score(models.select, features)) > threshold;
  });
}
