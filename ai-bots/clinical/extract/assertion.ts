/**
 * Whether what is mentioned is there: negated, supposed, past, or somebody else's. Words before a mention reach a few
 * words far, further along a list of mentions, and never past the end of the clause; each word is looked at once.
 */
import type { TraitName } from '../types.ts';
import { RULES, TRAIT, type Category, type ContextRule } from './context-rules.ts';
import { deniesItsVerb } from './denied-verb.ts';
import { experiencersOf } from './experiencer.ts';
import type { Mention } from './lexicon.ts';
import { PhraseTree } from './phrase-tree.ts';
import type { SpokenSentence } from './spoken-sentence.ts';
import type { Token } from './tokens.ts';

export interface Assertion {
  readonly traits: readonly TraitName[];
  readonly familyMember?: string;
}

const TREE = new PhraseTree<readonly ContextRule[]>('exact');
for (const [phrase, rules] of RULES) TREE.add(phrase, rules);

/** How many words a word reaches to the first mention, and from each mention to the next one. */
const REACH: Readonly<Record<Category, readonly [first: number, next: number]>> = {
  negated: [8, 6],
  finding: [8, 6],
  free: [0, 0],
  stopped: [6, 4],
  uncertain: [10, 6],
  past: [10, 5],
};
/** The same for words behind a mention. */
const REACH_BACK: Readonly<Record<Category, number>> = {
  negated: 3,
  finding: 3,
  free: 0,
  stopped: 0,
  uncertain: 4,
  past: 8,
};
const LIST_GAP = 2;

/** Of each mention, in their order. `childIsPatient`: a parent speaks of a sick child. */
export function assertionsOf(sentence: SpokenSentence, childIsPatient = false): Assertion[] {
  const found = sentence.mentions.map(() => new Set<TraitName>());
  walk(sentence, found);
  const experiencers = experiencersOf(sentence, childIsPatient);
  return found.map((traits, i) => {
    const experiencer = experiencers[i];
    if (experiencer === undefined) return { traits: [...traits] };
    // "Family history of" speaks of relatives, not of the past.
    const others = [...traits].filter((t) => t !== 'PAST_HISTORY');
    return experiencer.isRelative
      ? { traits: [...others, 'PERTAINS_TO_FAMILY'], familyMember: experiencer.member }
      : // A spouse's or a friend's illness is neither the patient's nor in the blood.
        { traits: [...others, 'PERTAINS_TO_FAMILY', 'LOW_CONFIDENCE'] };
  });
}

function walk({ text, tokens, mentions }: SpokenSentence, found: readonly Set<TraitName>[]): void {
  const reach: Reach = new Map();
  let clause = 0;
  let next = 0;
  for (let i = 0; i < tokens.length;) {
    if (isClauseEnd(text, tokens, i)) {
      reach.clear();
      clause = next;
    }
    const mention = mentions[next];
    if (mention !== undefined && i >= mention.tokens[0]) {
      touch(mention, next, { text, tokens, reach, found });
      i = mention.tokens[1];
      next++;
      continue;
    }
    if (isDenialBehind(text, tokens, i, mentions[next - 1]))
      lookBack('negated', { mentions, found, from: i, first: clause, last: next - 1 });
    // A word that belongs to a mention ("lack of energy") says nothing about it.
    const rules = TREE.longestAt(tokens, i, text, mention?.tokens[0]);
    if (rules === undefined) {
      i++;
      continue;
    }
    for (const rule of rules.value) {
      if (rule.direction === 'end') close(reach, rule.category);
      if (rule.direction === 'turn' && isTurn(reach, next, tokens[i - 1])) close(reach, rule.category);
      if (rule.direction === 'before')
        open(reach, rule.category, {
          text,
          tokens,
          from: i,
          end: rules.end,
          next,
          mention,
        });
      if (rule.direction === 'behind' && rule.category !== 'all')
        lookBack(rule.category, { mentions, found, from: i, first: clause, last: next - 1 });
    }
    if (rules.value.some((rule) => rule.direction === 'end' && rule.category === 'all')) clause = next;
    i = rules.end;
  }
}

interface Scope {
  /** The last word that it reaches. */
  readonly to: number;
  /** Index of the first mention behind the word that opened it. */
  readonly first: number;
}
type Reach = Map<Category, Scope>;

const DENIALS = ['negated', 'finding', 'stopped'] as const;

function close(reach: Reach, category: ContextRule['category']): void {
  if (category === 'all') return reach.clear();
  for (const each of category === 'negated' ? DENIALS : [category]) reach.delete(each);
}

/** "No numbness, a little tingling", and not "no numbness or a little tingling". */
const isTurn = (reach: Reach, next: number, before: Token | undefined): boolean =>
  DENIALS.some((category) => (reach.get(category)?.first ?? next) < next) &&
  !/^(?:or|nor|any|even|not)$/i.test(before?.text ?? '');

/** "Chest pain, no.": the answer to what was just named. */
const isDenialBehind = (
  text: string,
  tokens: readonly Token[],
  at: number,
  last: Mention | undefined,
): boolean =>
  last !== undefined &&
  last.tokens[1] === at &&
  /^(?:no|nope)$/i.test(tokens[at]?.text ?? '') &&
  /^[\s,]*$/.test(text.slice(last.end, tokens[at]?.start)) &&
  /^\s*(?:[,.;!]|$)/.test(text.slice(tokens[at]?.end));

interface At {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly from: number;
  readonly end: number;
  /** The mention that comes next, and its index. */
  readonly mention: Mention | undefined;
  readonly next: number;
}

function open(reach: Reach, category: ContextRule['category'], at: At): void {
  if (category === 'all' || isAnswerParticle(at)) return;
  if (category === 'negated' && deniesItsVerb(at.tokens, at.end, at.mention)) return;
  // "Can't climb stairs without pain": two denials affirm.
  if (at.tokens[at.from]?.word === 'without' && isDeniedBefore(at)) {
    reach.delete('negated');
    return;
  }
  reach.set(category, { to: at.end + REACH[category][0], first: at.next });
}

const isDeniedBefore = ({ tokens, from }: At): boolean =>
  tokens
    .slice(Math.max(0, from - 9), from)
    .some(({ text }) =>
      /^(?:not|never|cannot|hardly|barely|hard|difficult|impossible|unable|trouble|\w+n't)$/i.test(text),
    );

/** "No, I have …" and "no i have …" answer; "no cough" denies. */
function isAnswerParticle({ text, tokens, from, end }: At): boolean {
  const [before, token, after] = [tokens[from - 1], tokens[from], tokens[end]];
  if (token === undefined || end - from > 1 || token.word !== 'no') return false;
  // "There's no, uh, fracture."
  if (/^(?:there's|is|are|was|were|have|has|had|with|shows|or|and)$/i.test(before?.text ?? '')) return false;
  if (text[token.end] === ',') return true;
  return (
    after !== undefined &&
    /^(?:i|it|he|she|you|we|they|not|that|there|just|my|this|i'm|i've|it's|that's)$/i.test(after.text)
  );
}

interface Walk {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly reach: Reach;
  readonly found: readonly Set<TraitName>[];
}

function touch(mention: Mention, index: number, { tokens, reach, found }: Walk): void {
  const [first, behind] = mention.tokens;
  const isPointedAt =
    /^(?:this|these)$/i.test(tokens[first - 1]?.text ?? '') && mention.concept.kind !== 'drug';
  for (const [category, scope] of reach) {
    if (first > scope.to || (category === 'finding' && isNoFinding(mention))) continue;
    // "I have never had this pain": what is pointed at is there.
    if (!(category === 'negated' && isPointedAt)) found[index]?.add(TRAIT[category]);
    reach.set(category, { ...scope, to: behind + REACH[category][1] });
  }
}

/** A negative test was done, and there are no problems with a drug that is taken. */
const isNoFinding = ({ concept }: Mention): boolean =>
  concept.kind === 'procedure' || concept.kind === 'drug';

interface Back {
  readonly mentions: readonly Mention[];
  readonly found: readonly Set<TraitName>[];
  readonly from: number;
  /** Indices of the mentions of this clause. */
  readonly first: number;
  readonly last: number;
}

function lookBack(category: Category, { mentions, found, from, first, last }: Back): void {
  let [limit, at] = [REACH_BACK[category], from];
  for (let i = last; i >= first; i--) {
    const mention = mentions[i];
    if (mention === undefined || at - mention.tokens[1] > limit) return;
    const traits = found[i];
    // "Never pain free": two denials affirm.
    if (category === 'free' && traits?.has('NEGATION') === true) traits.delete('NEGATION');
    else if (category !== 'finding' || !isNoFinding(mention)) traits?.add(TRAIT[category]);
    [limit, at] = [LIST_GAP, mention.tokens[0]];
  }
}

const isClauseEnd = (text: string, tokens: readonly Token[], at: number): boolean => {
  const [before, token] = [tokens[at - 1], tokens[at]];
  return (
    before !== undefined && token !== undefined && /[.;:?!…—]| - /.test(text.slice(before.end, token.start))
  );
};
