/** Holds one sentence against the words that it names as its source. */
import { extractEntities, mentionsIn } from '../extract/index.ts';
import { assertionsOf } from '../extract/assertion.ts';
import { sentencesOf } from '../extract/sentences.ts';
import { spokenSentence } from '../extract/spoken-sentence.ts';
import type { Segment } from '../types.ts';
import { dosedWordsWithoutSource, drugsWithoutSource } from './drugs.ts';
import { numbersClaimed, numbersSaid, type Source } from './quantities.ts';

export type Verdict =
  | { readonly kind: 'supported' }
  /** Shown with the reason, in words for the clinician who reviews. */
  | { readonly kind: 'doubtful'; readonly reason: string }
  | { readonly kind: 'unsupported' };

const UNSUPPORTED: Verdict = { kind: 'unsupported' };

function judgeText(text: string, source: string, about: Source): Verdict {
  const said = numbersSaid(source, about);
  if (!numbersClaimed(text).every((quantity) => said.supports(quantity))) return UNSUPPORTED;
  if (drugsWithoutSource(text, source).length > 0) return UNSUPPORTED;
  if (dosedWordsWithoutSource(text, source).length > 0)
    return { kind: 'doubtful', reason: 'names something with a dose that its source does not name' };
  const concepts = new Set(mentionsIn(source).map(({ concept }) => concept.name));
  if (mentionsIn(text).some(({ concept }) => isProblem(concept) && !concepts.has(concept.name)))
    return { kind: 'doubtful', reason: 'names a problem that its source does not name' };
  return { kind: 'supported' };
}

export function judgeSentence(text: string, segments: readonly Segment[], about: Source = {}): Verdict {
  const verdict = judgeText(text, segments.map((s) => s.text).join(' \n '), about);
  if (verdict.kind !== 'supported') return verdict;
  return contradicts(text, segments)
    ? { kind: 'doubtful', reason: 'seems to say the opposite of its source' }
    : verdict;
}

/** In speech without full stops the reach of a "no" cannot be told. */
const SENTENCE_MAX_CHARS = 160;

/** Denied here and affirmed there, or the other way round: judged only where the source says the same of it each time. */
function contradicts(text: string, segments: readonly Segment[]): boolean {
  const isRunOn = segments.some((s) => sentencesOf(s.text).some((said) => said.length > SENTENCE_MAX_CHARS));
  const written = spokenSentence(text);
  if (isRunOn || written.mentions.length === 0) return false;
  const assertions = assertionsOf(written);
  const entities = extractEntities({ segments });
  return written.mentions.some(({ concept }, i) => {
    const traits = assertions[i]?.traits ?? [];
    if (!isProblem(concept) || traits.includes('HYPOTHETICAL')) return false;
    const denials = entities
      .filter((entity) => entity.text === concept.name)
      .map((entity) => entity.traits.some(({ name }) => name === 'NEGATION'));
    return denials.length > 0 && denials.every((denied) => denied !== traits.includes('NEGATION'));
  });
}

const isProblem = ({ kind }: { readonly kind: string }): boolean => kind === 'problem' || kind === 'symptom';
