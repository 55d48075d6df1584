/** What was said, cut into sentences, and sentences as they are written. */
import { clean } from '../transcript/index.ts';

/** Words that open a new thought in speech that was written down without punctuation. */
const BREAK =
  /\s+(?:(?:and|but|so|because)\s+)?(?:okay|alright|all right)(?=\s|$|,)|\s+(?=(?:and|but|so|now|then)\s+(?:i|i'm|i've|i'd|we|we're|we'll|you|you're|your|it's|it|that's|they|he|she|my|for your|on your|on|let's|the|there's|there)\b)|\s+(?=(?:on your|for your|i am going to|i'm going to|i want (?:you )?to|i'd like|i would like|let's|your (?:vital|blood|lungs|heart|temperature)|we're going to|do you|have you|are you|did you)\b)/gi;
const RUN_ON = 22;

/** Sentences without their leading "okay", "so", "and". Questions keep their mark. */
export function sentences(text: string): string[] {
  return clean(text)
    .split(/(?<=[.?!;])\s+/)
    .flatMap((s) =>
      s.split(' ').length > RUN_ON ? s.split(BREAK) : s.split(/,\s+(?=and i\b|and,? i'm\b|but i\b)/i),
    )
    .map(stripLead)
    .filter((s) => /[a-z0-9]/i.test(s));
}

const LEAD =
  /^(?:[\s,.-]*(?:okay|ok|alright|all right|so|and|but|well|now|then|yeah so|also|because|actually|great|good|perfect|sure|again|anyway|lastly|first|first off|right|gotcha|i see)\b(?!\s+(?:for|to)\b)[\s,.]*)+/i;

export function stripLead(text: string): string {
  // "right knee" and "good alignment" are no lead: only before a new clause or a comma.
  const lead = LEAD.exec(text)?.[0] ?? '';
  const rest = text.slice(lead.length);
  const descriptive = /(?:right|good|great|first|well|perfect)\s*$/i.test(lead);
  if (
    descriptive &&
    rest !== '' &&
    !/^(i|you|we|it|that|my|your|the|there|any|do|did|have|are|how|what|let)\b/i.test(rest)
  )
    return text.replace(/^[\s,.-]*(?:(?:okay|ok|so|and|but|now)\b[\s,.]*)*/i, '').trim();
  return rest.trim();
}

/** Capital at the start, full stop at the end, no stray commas. */
export function finish(text: string): string {
  const body = text
    .replace(/\s+/g, ' ')
    .replace(/\s+([,.;:])/g, '$1')
    .replace(/(?:[\s,;:-]|\b(?:and|but|so|or|then|because|okay|alright|though|too)\b)+[.?!]*$/i, '')
    .replace(/^[\s,;.:-]+/, '')
    .replace(/[.?!]+$/, '')
    .replace(/\bi\b/g, 'I')
    .trim();
  return body === '' ? '' : `${body.charAt(0).toUpperCase()}${body.slice(1)}.`;
}
