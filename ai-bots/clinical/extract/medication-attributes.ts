/** Strength, route, frequency and duration that are said with a medication. */

type Attribute = { readonly type: string; readonly text: string };

const PATTERNS: readonly (readonly [type: string, pattern: RegExp])[] = [
  [
    'STRENGTH',
    /\b\d+(?:\.\d+)?\s?(?:mg|milligrams?|mcg|micrograms?|grams?|units?|ml|milliliters?|percent|%)(?![a-z])/i,
  ],
  ['DOSAGE', /\b(?:\d+|one|two|three|four|half a) (?:tablets?|pills?|capsules?|puffs?|drops?|sprays?)\b/i],
  ['ROUTE_OR_MODE', /\b(?:by mouth|orally|inhaled|under the tongue|injected|as an injection|topically)\b/i],
  [
    'FREQUENCY',
    /\b(?:(?:once|twice|three times|four times|two times|one time)(?: a| per)? ?(?:daily|day|week|month)|every (?:other )?(?:day|morning|night|evening|week)|every \w+(?: to \w+)? hours|at (?:bedtime|night)|in the (?:morning|evening)|(?:a|per) day|daily|nightly|weekly|as needed)\b/i,
  ],
  [
    'DURATION',
    /\bfor (?:the next )?(?:\d+|one|two|three|four|five|six|seven|ten|a) (?:more )?(?:days?|weeks?|months?)\b/i,
  ],
];

/** `behind` is what follows the medication, up to the next one. */
export function medicationAttributes(behind: string): Attribute[] {
  const clause = /^[^;?!]*?(?=[;?!]|\.\s|\.$|$)/.exec(behind)?.[0] ?? '';
  return PATTERNS.flatMap(([type, pattern]) => {
    const found = pattern.exec(clause)?.[0];
    return found === undefined ? [] : [{ type, text: found }];
  });
}

const ALLERGY =
  /\b(?:allerg(?:ic|y|ies)|reaction|react(?:ed|s)?|intoleran(?:t|ce)|sensitive)\s+(?:to|with)\s+(?:[\w-]+(?:,| and| or)?\s+){0,4}$/i;

/** Whether the words before a drug make it an allergy: then it is nothing that the patient takes. */
export const isAllergy = (before: string): boolean => ALLERGY.test(before);
