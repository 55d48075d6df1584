/** A first draft of the visit's note: every sentence is made from what was said, and names the segments it came from. */
import { hashed, probability, score, trained, type Trained } from '../model/index.ts';
import type { DraftedNote, DraftPatient, NoteSentence, Transcript } from '../types.ts';
import { candidatesOf, type Candidate } from './candidate.ts';
import { selectionFeatures } from './features.ts';
import { headerOf, type Header } from './header.ts';
import { pronouns } from './person.ts';
import { chiefComplaint, reviewOfSystems, type Written } from './review.ts';
import { SECTION_OF_HEADER, SECTIONS, type SectionName } from './section.ts';
import { supportedBy } from './support.ts';
import { SMALL_TALK, SYMPTOM } from './vocabulary.ts';

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
  const chosen = select(candidates, transcript, model);
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

/** A piece of a visit with fewer candidates is read as one section. */
const FEW = 12;
/** Of the candidates of a whole visit. */
const SENTENCES_MAX = 150;
/** Below it a sentence stays in the history, where nobody misses it. */
const SURE = 0.5;

function select(
  candidates: readonly Candidate[],
  transcript: Transcript,
  model: Trained,
): readonly Candidate[] {
  if (candidates.length < FEW) return ofOneSection(candidates, headerOf(transcript, model));
  const { models, threshold } = model;
  const chances = candidates.map((candidate) =>
    probability(score(models.select, hashed(selectionFeatures(candidate), models.select.bits))),
  );
  // A visit of hours has more to say than anybody reads: then the bar is where the last of the most fits.
  const least = chances.toSorted((a, b) => b - a)[SENTENCES_MAX] ?? 0;
  const bar = Math.max(threshold, least);
  return candidates.filter((_candidate, i) => (chances[i] ?? 0) > bar);
}

/** Everything clinical is worth its words; of life at home also what the rules do not know for clinical. */
function ofOneSection(candidates: readonly Candidate[], header: Header | undefined): Candidate[] {
  const isSure = header !== undefined && header.certainty >= SURE;
  const section = isSure ? SECTION_OF_HEADER[header.header] : undefined;
  return candidates
    .filter(
      ({ clinical, kind, text }) =>
        clinical || (section === 'social' && kind !== 'clinician' && !SMALL_TALK.test(text)),
    )
    .map((candidate) =>
      section !== undefined && candidate.section === 'history' && belongs(candidate, section)
        ? { ...candidate, section }
        : candidate,
    );
}

/** A symptom said among drugs or allergies is history all the same. */
const belongs = ({ text }: Candidate, section: SectionName): boolean =>
  !(
    (section === 'medications' || section === 'allergies') &&
    SYMPTOM.test(text.replace(/\ballerg\w*/gi, ''))
  );
