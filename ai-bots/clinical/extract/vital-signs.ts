/** Vital signs that are said with their values. */

export interface SpokenVital {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
}

const GAP = String.raw`[^.?!;\d]{0,40}?`;

const PATTERNS: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'blood pressure',
    new RegExp(String.raw`\bblood pressure\b${GAP}(?<value>\d{2,3}\s?(?:\/|over)\s?\d{2,3})`, 'gi'),
  ],
  [
    'heart rate',
    new RegExp(
      String.raw`\b(?:heart rate|pulse(?! ox))\b${GAP}(?<value>\d{2,3})(?!\s?(?:\/|over|%|percent|\d))`,
      'gi',
    ),
  ],
  ['respiratory rate', new RegExp(String.raw`\brespirat(?:ory rate|ions?)\b${GAP}(?<value>\d{1,2})\b`, 'gi')],
  [
    'oxygen saturation',
    new RegExp(
      String.raw`\b(?:oxygen(?: saturation| level)?|o2 sats?|saturation|pulse ox)\b${GAP}(?<value>\d{2,3})\s?(?<unit>%|percent)?`,
      'gi',
    ),
  ],
  [
    'temperature',
    new RegExp(
      String.raw`\btemperature\b${GAP}(?<value>\d{2,3}(?:\.\d)?)\s?(?:degrees\s?)?(?<unit>celsius|fahrenheit|[cf]\b)?`,
      'gi',
    ),
  ],
  [
    'weight',
    new RegExp(
      String.raw`\bweigh(?:t|s|ed)?\b${GAP}(?<value>\d{2,3}(?:\.\d)?)\s?(?<unit>kg|kilos?|kilograms?|pounds?|lbs?)\b`,
      'gi',
    ),
  ],
];

export function vitalSignsIn(sentence: string): SpokenVital[] {
  return PATTERNS.flatMap(([name, pattern]) =>
    [...sentence.matchAll(pattern)].map((match) => {
      const unit = match.groups?.['unit'];
      return { name, value: match.groups?.['value'] ?? '', ...(unit === undefined ? {} : { unit }) };
    }),
  );
}
