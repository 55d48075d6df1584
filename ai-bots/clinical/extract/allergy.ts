/** What somebody is allergic to: "allergic to penicillin and peanuts", or the answer to a question about allergies. */
import { substancesAmong, type Mention } from './lexicon.ts';
import type { SpokenSentence } from './spoken-sentence.ts';

const ALLERGIC =
  /^(?:allergic|allergy|allergies|allerg[iy]c?|intolerant|intolerance|sensitive|hypersensitive|reaction|reactions|react|reacted|reacts)$/i;
/** Words between the items of the list. */
const REACH = 5;

export interface WithAllergens extends SpokenSentence {
  /** Those of the mentions that are allergens. */
  readonly allergens: ReadonlySet<Mention>;
}

/** `isAnswer`: the sentence answers a question about allergies, so that a bare "Penicillin." is one. */
export function withAllergens(sentence: SpokenSentence, isAnswer: boolean): WithAllergens {
  const { tokens, text, mentions } = sentence;
  const starts = tokens.flatMap((token, i) =>
    ALLERGIC.test(token.text) && /^(?:to|with)$/i.test(tokens[i + 1]?.text ?? '') ? [i + 2] : [],
  );
  if (isAnswer && !tokens.some(({ text: said }) => /^(?:take|takes|taking|took|use|using)$/i.test(said)))
    starts.push(0);
  if (starts.length === 0) return { ...sentence, allergens: new Set() };
  const candidates = merged(
    substancesAmong(tokens, text),
    mentions.filter(({ concept }) => concept.kind === 'drug'),
  );
  const allergens = new Set(starts.flatMap((start) => listFrom(start, candidates, text, tokens)));
  if (allergens.size === 0) return { ...sentence, allergens };
  const rest = mentions.filter(
    (m) => !allergens.has(m) && ![...allergens].some((a) => overlap(a, m)) && !namesAllergyOf(m, starts),
  );
  return { ...sentence, mentions: merged([...allergens], rest), allergens };
}

function listFrom(
  start: number,
  candidates: readonly Mention[],
  text: string,
  tokens: SpokenSentence['tokens'],
): Mention[] {
  const list: Mention[] = [];
  let at = start;
  for (const mention of candidates) {
    const [first, behind] = mention.tokens;
    if (first < at) continue;
    const between = text.slice(tokens[at - 1]?.end ?? 0, mention.start);
    if (first - at > REACH || /[.;?!]|\bbut\b/i.test(between)) break;
    list.push(mention);
    at = behind;
  }
  return list;
}

/** "Allergies to penicillin" is one thing, not two. */
const namesAllergyOf = (mention: Mention, starts: readonly number[]): boolean =>
  /allerg/i.test(mention.text) &&
  starts.some((start) => start - mention.tokens[1] <= 1 && start >= mention.tokens[1]);

const overlap = (a: Mention, b: Mention): boolean => a.start < b.end && b.start < a.end;

/** In order; of two that overlap the first list's stays. */
function merged(first: readonly Mention[], second: readonly Mention[]): Mention[] {
  const kept = second.filter((m) => !first.some((f) => f === m || overlap(f, m)));
  return [...first, ...kept].toSorted((a, b) => a.start - b.start);
}

const ALLERGIC_BEFORE =
  /\b(?:allerg(?:ic|y|ies)|reaction|react(?:ed|s)?|intoleran(?:t|ce)|sensitive)\s+(?:to|with)\s+(?:[\w-]+(?:,| and| or)?\s+){0,4}$/i;

/** Whether the words before a drug that somebody else found make it an allergy: then it is nothing that the patient takes. */
export const isAllergy = (before: string): boolean => ALLERGIC_BEFORE.test(before);
