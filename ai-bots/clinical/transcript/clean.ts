/** Spoken text made readable: contractions, fillers, false starts. */

/** Tokenised transcripts write "do n't" and "gon na". */
const SPELLING: readonly (readonly [RegExp, string])[] = [
  [/[’‘]/g, "'"],
  [/\s+n't\b/gi, "n't"],
  [/(\d) \. (?=\d)/g, '$1.'],
  [
    /\b(one|two|three|four|five|six|seven|eight|nine|\w+teen|\w+ty|hundred) \. (?=(?:zero|one|two|three|four|five|six|seven|eight|nine)\b)/gi,
    '$1 point ',
  ],
  [/(?<=\d) (?=-year-old)/gi, ''],
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
  [/\bhey,?\s*(dragon|siri|google)\b(?:[^.?!]|\.(?=\d))*[.?!]?/gi, ' '],
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
