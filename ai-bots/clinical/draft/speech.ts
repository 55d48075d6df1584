/** Spoken text made readable: contractions, fillers, false starts; and its cut into sentences. */

/** Tokenised transcripts write "do n't" and "gon na". */
const SPELLING: readonly (readonly [RegExp, string])[] = [
  [/[’‘]/g, "'"],
  [/\s+n't\b/gi, "n't"],
  [/\b(gon|wan|got)\s*na\b/gi, '$1na'],
  [/\bgonna\b/gi, 'going to'],
  [/\bwanna\b/gi, 'want to'],
  [/\b(gotta|got ta)\b/gi, 'have to'],
  [/\bkinda\b/gi, 'kind of'],
  [/\bain't\b/gi, 'is not'],
  [/\bcan't\b|\bca n't\b/gi, 'cannot'],
  [/\bwon't\b/gi, 'will not'],
  [/\b(do|does|did|is|are|was|were|have|has|had|could|would|should)n't\b/gi, '$1 not'],
  [/\b(milligrams?|mgs)\b/gi, 'mg'],
  [/\bsx\b/gi, 'symptoms'],
];

const FILLERS: readonly (readonly [RegExp, string])[] = [
  [/\bhey,?\s*(dragon|siri|google)\b[^.?!]*[.?!]?/gi, ' '],
  [/\b([a-z]{1,4})-\s*,?\s+(?=\1)/gi, ''],
  [/\b(um+|uh+|er|erm|hmm+|mm-hmm|uh-huh|mhm|ah|oh)\b\s*[,.]?/gi, ' '],
  [
    /(,\s*)?\b(you know|i mean|sort of|kind of|basically|let's see|to be honest|honestly|i guess|obviously)\b(\s*,)?/gi,
    ' ',
  ],
  [/(,\s*like\s*,)|(^\s*like\s*,)/gi, ' '],
  [/(,\s*)?\b(okay|alright|all right|right|huh)\s*\?/gi, '.'],
  [/\b(\w+(?:'\w+)?)(\s*,?\s+\1\b)+/gi, '$1'],
  [/\b(\w+ \w+)(\s*,?\s+\1\b)+/gi, '$1'],
];

export function clean(text: string): string {
  let out = ` ${text.replace(/\.\.\./g, ' ')} `;
  for (const [pattern, replacement] of [...SPELLING, ...FILLERS]) out = out.replace(pattern, replacement);
  return out
    .replace(/\s+([,.?!;:%])/g, '$1')
    .replace(/,(\s*,)+/g, ',')
    .replace(/,\s*([.?!])/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,.;-]+/, '')
    .trim();
}

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
