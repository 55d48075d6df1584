/** Strength, dose, form, route, frequency and duration that are said with a medication, and whether it was started or stopped. */

type Attribute = { readonly type: string; readonly text: string };

const WORD =
  '(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|point|oh)';
const NUMBER = String.raw`(?:\d+(?:[.,]\d+)*|${WORD}(?:[ -](?:and )?${WORD})*)`;
const COUNT = String.raw`(?:(?:half )?an?|${NUMBER}(?: (?:to|or) ${NUMBER})?)`;
const UNIT = String.raw`(?:mg|m g|milligrams?|mcg|micrograms?|grams?|g|units?|ml|milliliters?|cc|meq|milliequivalents?|iu|international units|percent|%)(?![a-z])`;
const PIECES =
  'tablets?|pills?|capsules?|puffs?|drops?|sprays?|teaspoons?|tablespoons?|teaspoonfuls?|patch(?:es)?|tabs?|caps?|scoops?|lozenges?|gummies';
const PERIOD = '(?:day|week|month|night|year|morning|evening)';
const TIMES = String.raw`(?:once|twice|thrice|${COUNT} times?)`;
const SCHEDULE = [
  String.raw`${TIMES}(?:,)? (?:(?:a|per|each|every|in a) )?(?:${PERIOD}|daily|weekly|nightly|monthly)`,
  String.raw`every (?:other |single )?(?:${NUMBER}(?: (?:to|or) ${NUMBER})? )?(?:hours?|days?|weeks?|months?|morning|evening|night|nights|meal)`,
  String.raw`each ${PERIOD}`,
  String.raw`q\.?\s?\d+\s?h(?:ours?|rs?)?`,
  '(?:b\\.?i\\.?d|t\\.?i\\.?d|q\\.?i\\.?d|q\\.?d|q\\.?h\\.?s|p\\.?r\\.?n)\\b\\.?',
  'at (?:bedtime|night)|before bed(?:time)?|(?:with|before|after) (?:meals|breakfast|lunch|dinner|food)|in the (?:mornings?|evenings?|afternoons?)',
  String.raw`(?:a|per) (?:day|week|night)`,
  'daily|nightly|weekly|monthly',
  'as needed|when needed|as necessary',
].join('|');

const PATTERNS: readonly (readonly [type: string, pattern: RegExp])[] = [
  [
    'RATE',
    new RegExp(
      String.raw`\b${NUMBER}\s?(?:ml|milliliters?|cc|units?|mg|mcg)\s?(?:/|per|an)\s?(?:hour|hr|h|minute|min)\b`,
      'i',
    ),
  ],
  ['STRENGTH', new RegExp(String.raw`(?:\b|(?<=\s))${NUMBER}\s?${UNIT}`, 'i')],
  ['DOSAGE', new RegExp(String.raw`\b${COUNT} (?:more )?(?:${PIECES})\b`, 'i')],
  [
    'FORM',
    /\b(?:tablets?|capsules?|pills?|inhaler|creams?|ointment|patch(?:es)?|drops|syrup|suspension|nasal spray|spray|gel|lotion|injections?|suppositor(?:y|ies)|solution|liquid|shots?|nebulizer|dose ?pack)\b/i,
  ],
  [
    'ROUTE_OR_MODE',
    /\b(?:by mouth|orally|oral|po|inhaled|sublingual(?:ly)?|under the tongue|injected|as an injection|by injection|subcutaneous(?:ly)?|intramuscular(?:ly)?|intravenous(?:ly)?|iv|through (?:an|the|your) iv|topical(?:ly)?|rectal(?:ly)?|vaginal(?:ly)?|in (?:each|both|the) nostrils?|in (?:each|both|the|your) eyes?|to the skin|nasally)\b/i,
  ],
  [
    'FREQUENCY',
    new RegExp(
      String.raw`\b(?:${SCHEDULE})(?:,? (?:as needed|prn|at bedtime|with (?:meals|food)))?(?![a-z])`,
      'i',
    ),
  ],
  [
    'DURATION',
    new RegExp(
      String.raw`\b(?:for (?:the next |another |about |at least )?|x ?|times )(?:${NUMBER}|an?|a couple(?: of)?|a few)(?: (?:to|or) ${NUMBER})? (?:more )?(?:days?|weeks?|months?|years?)\b`,
      'i',
    ),
  ],
];

/** "Fifty milligrams of", "two puffs of the": directly before the name. */
const AHEAD: readonly (readonly [type: string, pattern: RegExp])[] = [
  [
    'STRENGTH',
    new RegExp(
      String.raw`(?:\b|(?<=\s))(${NUMBER}\s?${UNIT})(?: (?:dose|tablets?|pills?))? (?:of )?(?:the |your |my )?$`,
      'i',
    ),
  ],
  ['DOSAGE', new RegExp(String.raw`\b(${COUNT} (?:more )?(?:${PIECES})) of (?:the |your |my )?$`, 'i')],
];

const STATUS: readonly (readonly [status: string, verbs: RegExp])[] = [
  [
    'started',
    /\b(?:start(?:ed|ing)?|begin|began|put (?:you|me|him|her|them) (?:back )?on|prescrib(?:e|ed|ing)|give you|gave me|order|restart(?:ed)?|placed (?:you|me) on|initiate)\b/gi,
  ],
  [
    'stopped',
    /\b(?:stop(?:ped|ping)?|quit|discontinued?|came off|off of|took me off|take you off|taken off|no longer (?:taking|on)|not taking|ran out of|weaned off)\b/gi,
  ],
  [
    'continued',
    /\b(?:continu(?:e|ed|ing)|keep (?:taking|you on|on)|still (?:taking|on)|stay on|refill(?:ed)?|maintain)\b/gi,
  ],
  ['increased', /\b(?:increas(?:e|ed|ing)|raise|double|go up on|bump up)\b/gi],
  [
    'decreased',
    /\b(?:decreas(?:e|ed|ing)|lower(?:ed)?|reduc(?:e|ed|ing)|cut (?:back|down)|taper(?:ed)?|go down on)\b/gi,
  ],
];

/** `behind` is what follows the medication up to the next one; `before` what precedes it in the sentence. */
export function medicationAttributes(behind: string, before = ''): Attribute[] {
  const clause = /^[^;?!]{0,300}?(?=[;?!]|\.\s|\.$|$)/.exec(behind)?.[0] ?? behind.slice(0, 300);
  const attributes: Attribute[] = [];
  for (const [type, pattern] of PATTERNS) {
    const found = pattern.exec(clause)?.[0].trim();
    // "Two tablets" is a dose: the form is part of it; a rate holds its own strength.
    if (found !== undefined && !attributes.some((a) => a.text.includes(found)))
      attributes.push({ type, text: found });
  }
  for (const [type, pattern] of AHEAD) {
    const found = pattern.exec(before.slice(-60))?.[1];
    if (found !== undefined && !attributes.some((a) => a.type === type))
      attributes.push({ type, text: found });
  }
  const status = statusOf(before);
  return status === undefined ? attributes : [...attributes, { type: 'STATUS', text: status }];
}

/** The last verb before the medication, when it is near and of the same clause. */
function statusOf(before: string): string | undefined {
  const near =
    before
      .slice(-70)
      .split(/[.;?!]|\bbut\b/i)
      .at(-1) ?? '';
  const verbs = STATUS.flatMap(([status, pattern]) =>
    [...near.matchAll(pattern)].map((m) => ({ status, at: m.index })),
  );
  return verbs.toSorted((a, b) => a.at - b.at).at(-1)?.status;
}
