/**
 * Whether what is mentioned is there: negated, supposed, past, or somebody else's. After the idea of NegEx and ConText:
 * words before or behind a mention have a scope that ends at the clause's end. (Chapman et al. 2001, Harkema et al. 2009)
 */
import type { TraitName } from '../types.ts';

const TERMINATION =
  /\b(?:but|however|except|although|though|aside from|apart from|other than|whereas|yet|still has|still have|and (?:start|take|use|try|begin|switch))\b|[;.?!]/gi;

const NEGATION_BEFORE =
  /\b(?:no|not|never|none|without|denies|denied|deny|denying|negative for|free of|absence of|lack of|nor|neither|(?:do|does|did|has|have|had|is|are|was|were|would|could|ca|wo)n'?t|cannot|stopped|stop|quit|discontinued?|off of|avoid|rid of|ruled out|rules out)\b/i;
/** These hold "no" or "not" and deny nothing of what follows. */
const PSEUDO_NEGATION =
  /\b(?:no (?:increase|change|improvement|better|worse)|not (?:only|sure|certain|just|controlled|getting better|as)|don't (?:know|think it|mean)|didn't (?:know|realize)|no doubt|not feeling (?:good|well|great))\b/gi;
const NEGATION_BEHIND =
  /^[\s,]*(?:is|are|was|were|has been|have been)?\s*(?:negative|absent|ruled out|unlikely|gone|resolved|not present|went away|cleared up)\b/i;

const HYPOTHETICAL_BEFORE =
  /\b(?:if|in case|unless|should you|watch (?:out )?for|look out for|looking for|check(?:ing)? for|screen(?:ing)? for|test(?:ing)? for|rule out|worried about|concern(?:ed)? (?:for|about)|afraid of|risk (?:of|for)|at risk|prevent(?:s|ing)?|avoid(?:ing)?|might|may (?:be|have|get|cause)|could (?:be|have|cause|get)|possibl[ey]|whether|would cause|can cause|side effects?|vaccine for|vaccinat\w+|shot for)\b/i;

const PAST_BEFORE =
  /\b(?:history of|past medical history|used to (?:have|get)|previously|in the past|had (?:a |an )?(?:previous|prior)|when i was (?:a |younger|little|young)\w*|as a (?:kid|child))\b/i;
const PAST_BEHIND =
  /^[^.;?!]{0,25}\b(?:years ago|as a (?:kid|child)|in the past|when i was (?:young|little|a kid|a child))\b/i;

export const RELATIVE =
  /\b(?:grand(?:mother|father|ma|pa|parents?)|mother|father|mom|mum|dad|parents?|sister|brother|siblings?|aunt|uncle|cousin|daughter|son|husband|wife|kids?|child(?:ren)?)\b/i;
const FAMILY_BEFORE =
  /\b(?:my|your|his|her|their|the patient's)\s+(?:[a-z]+\s+){0,2}?(?:grand(?:mother|father|ma|pa)|mother|father|mom|mum|dad|parents?|sister|brother|siblings?|aunt|uncle|cousin|daughter|son|husband|wife)s?(?:'s)?\b|\bfamily history\b|\bin (?:my|your|the) family\b|\bruns? in\b/i;
/** The patient himself is spoken of again. */
const SELF_AGAIN =
  /\b(?:i|i've|i'm|i'd)\b(?!.*\b(?:grand|mother|father|mom|mum|dad|sister|brother|aunt|uncle)\w*\b)/i;

export interface Assertion {
  readonly traits: readonly TraitName[];
  readonly familyMember?: string;
}

/** `start` and `end` bound the mention in the sentence. */
export function assertionOf(sentence: string, start: number, end: number): Assertion {
  const before = lastClause(sentence.slice(0, start));
  const behind = firstClause(sentence.slice(end));
  const traits: TraitName[] = [];
  if (NEGATION_BEFORE.test(before.replace(PSEUDO_NEGATION, ' ')) || NEGATION_BEHIND.test(behind))
    traits.push('NEGATION');
  if (HYPOTHETICAL_BEFORE.test(before)) traits.push('HYPOTHETICAL');
  if (PAST_BEFORE.test(before) || PAST_BEHIND.test(sentence.slice(end))) traits.push('PAST_HISTORY');
  const familyMember = family(before, behind);
  if (familyMember === undefined) return { traits };
  // A spouse's illness is neither the patient's nor in the blood.
  if (/husband|wife/i.test(familyMember))
    return { traits: [...traits, 'PERTAINS_TO_FAMILY', 'LOW_CONFIDENCE'] };
  // "Family history of" speaks of relatives, not of the past.
  const others = traits.filter((t) => t !== 'PAST_HISTORY');
  return { traits: [...others, 'PERTAINS_TO_FAMILY'], familyMember };
}

function family(before: string, behind: string): string | undefined {
  const found = [...before.matchAll(new RegExp(FAMILY_BEFORE, 'gi'))].at(-1);
  if (found !== undefined && !SELF_AGAIN.test(before.slice(found.index + found[0].length)))
    return RELATIVE.exec(found[0])?.[0] ?? 'family';
  if (/^\s*(?:runs?|is|was)?\s*(?:in|on) (?:my|your|the) (?:family|(?:mother|father)'s side)/i.test(behind))
    return 'family';
  return undefined;
}

function lastClause(text: string): string {
  const ends = [...text.matchAll(TERMINATION)];
  const last = ends.at(-1);
  return last === undefined ? text : text.slice(last.index + last[0].length);
}

function firstClause(text: string): string {
  const end = new RegExp(TERMINATION).exec(text);
  return end === null ? text : text.slice(0, end.index);
}
