/** Compares what was extracted with the annotations: precision, recall and F1 of entities, codes and assertions. */
import type { ClinicalEntity } from '../clinical/index.ts';
import type { Category, GoldEntity, GoldSentence } from './gold-set.ts';

export interface Counts {
  right: number;
  /** Given, and not so. */
  wrong: number;
  missed: number;
}

export type Measure = Category | 'all' | 'codes' | 'negated' | 'family' | 'past' | 'hypothetical';
export type Found = GoldSentence['found'][number];

export interface Score {
  readonly counts: Readonly<Record<Measure, Counts>>;
  /** Mentions that were only asked about, and those of them that were extracted all the same. */
  readonly asked: { count: number; extracted: number };
  /** Would be proposed as the patient's, and are denied, supposed, somebody else's, only asked or not there. */
  wronglyAffirmed: number;
  readonly mistakes: string[];
}

const ASSERTIONS = [
  ['negated', 'n', ['NEGATION']],
  ['family', 'f', ['PERTAINS_TO_FAMILY']],
  ['past', 'p', ['PAST_HISTORY']],
  ['hypothetical', 'h', ['HYPOTHETICAL', 'LOW_CONFIDENCE']],
] as const;

export function score(sentences: readonly GoldSentence[]): Score {
  const none = (): Counts => ({ right: 0, wrong: 0, missed: 0 });
  const result: Score = {
    counts: {
      C: none(),
      M: none(),
      T: none(),
      A: none(),
      all: none(),
      codes: none(),
      negated: none(),
      family: none(),
      past: none(),
      hypothetical: none(),
    },
    asked: { count: 0, extracted: 0 },
    wronglyAffirmed: 0,
    mistakes: [],
  };
  for (const sentence of sentences) scoreSentence(sentence, result);
  return result;
}

function scoreSentence({ text, gold, found }: GoldSentence, result: Score): void {
  const pairs = pair(gold, found);
  const tell = (what: string, at: { start: number; end: number }): void => {
    result.mistakes.push(
      `${what}: "${text.slice(at.start, at.end)}" in: ${text.slice(Math.max(0, at.start - 60), at.end + 60)}`,
    );
  };
  for (const g of gold) scoreGold(g, pairs.get(g), result, tell);
  const matched = new Set(pairs.values());
  for (const f of found.filter((entity) => !matched.has(entity))) {
    count(result, categoryOf(f), 'wrong');
    tell(`extra ${categoryOf(f)} ${f.text}`, f);
    if (f.category === 'MEDICAL_CONDITION' && f.concepts.length > 0) result.counts.codes.wrong++;
    if (isAffirmed(f)) result.wronglyAffirmed++;
  }
}

type Tell = (what: string, at: { start: number; end: number }) => void;

function scoreGold(g: GoldEntity, f: Found | undefined, result: Score, tell: Tell): void {
  const isAsked = g.flags.includes('q');
  const isOptional = g.flags.includes('o');
  if (isAsked) {
    result.asked.count++;
    if (f === undefined) return;
    result.asked.extracted++;
    tell('only asked', g);
    if (isAffirmed(f)) result.wronglyAffirmed++;
    return;
  }
  if (f === undefined) {
    if (isOptional) return;
    count(result, g.category, 'missed');
    tell(`missed ${g.category} ${g.flags}`, g);
    for (const [name, flag] of ASSERTIONS) if (g.flags.includes(flag)) result.counts[name].missed++;
    if (isCodeNeeded(g)) result.counts.codes.missed++;
    return;
  }
  if (!isOptional) count(result, g.category, 'right');
  scoreCode(g, f, result, tell);
  scoreAssertions(g, f, result, tell);
  if (isAffirmed(f) && /[nhf]/.test(g.flags)) result.wronglyAffirmed++;
}

const isCodeNeeded = (g: GoldEntity): boolean => g.codes.some((code) => !code.startsWith('?'));

function scoreCode(g: GoldEntity, f: Found, result: Score, tell: Tell): void {
  if (g.category !== 'C' && g.category !== 'A') return;
  const code = f.concepts[0]?.code;
  const allowed = g.codes.map((c) => c.replace('?', ''));
  if (code !== undefined && allowed.includes(code)) result.counts.codes.right++;
  else if (code !== undefined) {
    result.counts.codes.wrong++;
    tell(`code ${code}, not ${g.codes.join(',')}`, g);
  } else if (isCodeNeeded(g) && !g.flags.includes('o')) {
    result.counts.codes.missed++;
    tell(`no code, ${g.codes.join(',')}`, g);
  }
}

function scoreAssertions(g: GoldEntity, f: Found, result: Score, tell: Tell): void {
  for (const [name, flag, traits] of ASSERTIONS) {
    // A denial of the past is a denial.
    if (name === 'past' && g.flags.includes('n')) continue;
    const isGold = g.flags.includes(flag);
    const isFound = f.traits.some((t) => (traits as readonly string[]).includes(t.name));
    // Illness of others that are no relatives is marked doubtful on purpose.
    if (name === 'hypothetical' && g.flags.includes('f')) continue;
    if (isGold && isFound) result.counts[name].right++;
    else if (isGold) result.counts[name].missed++;
    else if (isFound) result.counts[name].wrong++;
    if (isGold !== isFound) tell(`${isGold ? 'not' : 'wrongly'} ${name}`, g);
  }
}

/** By overlap of the words, each at most once; the wider overlap first. */
function pair(gold: readonly GoldEntity[], found: readonly Found[]): Map<GoldEntity, Found> {
  const pairs = new Map<GoldEntity, Found>();
  const taken = new Set<Found>();
  const candidates = gold
    .flatMap((g) => found.map((f) => ({ g, f, shared: Math.min(g.end, f.end) - Math.max(g.start, f.start) })))
    .filter(({ g, f, shared }) => shared > 0 && categoryOf(f) === g.category)
    .toSorted((a, b) => b.shared - a.shared);
  for (const { g, f } of candidates) {
    if (pairs.has(g) || taken.has(f)) continue;
    pairs.set(g, f);
    taken.add(f);
  }
  return pairs;
}

function categoryOf({ category, text }: ClinicalEntity): Category {
  if (category === 'MEDICATION') return 'M';
  if (category === 'TEST_TREATMENT_PROCEDURE') return 'T';
  return text.startsWith('allergy to ') ? 'A' : 'C';
}

const isAffirmed = (f: Found): boolean =>
  f.category === 'MEDICAL_CONDITION' &&
  !f.traits.some((t) =>
    ['NEGATION', 'HYPOTHETICAL', 'LOW_CONFIDENCE', 'PERTAINS_TO_FAMILY'].includes(t.name),
  );

function count(result: Score, category: Category, kind: keyof Counts): void {
  result.counts[category][kind]++;
  result.counts.all[kind]++;
}

/** Not a number without anything to count. */
export const precision = ({ right, wrong }: Counts): number => right / (right + wrong);
export const recall = ({ right, missed }: Counts): number => right / (right + missed);
export const f1 = ({ right, wrong, missed }: Counts): number => (2 * right) / (2 * right + wrong + missed);
