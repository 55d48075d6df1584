/** Vital signs that are said or written with their values, as of today: what was measured before, or is wished for, is left out. */
import { digitsOf } from './numbers.ts';

export interface SpokenVital {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
}

const GAP = String.raw`(?:(?!\b(?:lost|gained|gain|loss|down|up|increase|goal|target|dose|medication|medicine)\b)[^.?!;\d]){0,40}?`;
const NUM = String.raw`\d{2,3}(?:\.\d+)?`;

const PATTERNS: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'blood pressure',
    new RegExp(
      String.raw`\b(?:blood pressure|bp)\b${GAP}\b(?<value>\d{2,3}\s?(?:\/|over)\s?\d{2,3})\b`,
      'gi',
    ),
  ],
  [
    'heart rate',
    new RegExp(
      String.raw`\b(?:heart rate|pulse(?! ox)|hr)\b${GAP}\b(?<value>\d{2,3})\b(?!\s?(?:\/|over|%|percent|\.\d))`,
      'gi',
    ),
  ],
  [
    'respiratory rate',
    new RegExp(
      String.raw`\b(?:respirat(?:ory rate|ions?)|resp(?:iratory)? rate|breathing rate|rr)\b${GAP}\b(?<value>\d{1,2})\b(?!\s?(?:\/|over|%|percent|\.\d))`,
      'gi',
    ),
  ],
  [
    'oxygen saturation',
    new RegExp(
      String.raw`\b(?:oxygen(?: saturation| level| sats?)?|o2(?: sats?| saturation| level)?|sats?|saturation|satting|saturating|spo2|pulse ox(?:imetry)?)\b${GAP}\b(?<value>\d{2,3})\b(?!\.\d|\s?(?:\/|over))\s?(?<unit>%|percent)?`,
      'gi',
    ),
  ],
  [
    'temperature',
    new RegExp(
      String.raw`\b(?:temperature|temp)\b${GAP}\b(?<value>${NUM})\b\s?(?:°\s?|degrees?\s?)?(?<unit>celsius|centigrade|fahrenheit|[cf]\b)?`,
      'gi',
    ),
  ],
  [
    'weight',
    new RegExp(
      String.raw`\bweigh(?:t|s|ed|ing|ing in)?\b${GAP}\b(?<value>\d{1,3}(?:\.\d+)?)\s?(?<unit>kg|kilos?|kilograms?|pounds?|lbs?)\b`,
      'gi',
    ),
  ],
  ['body mass index', new RegExp(String.raw`\b(?:bmi|body mass index)\b${GAP}\b(?<value>${NUM})\b`, 'gi')],
  [
    'height',
    new RegExp(
      String.raw`\b(?:height|stand)\b${GAP}\b(?<feet>[3-7])\s?(?:feet|foot|ft|')\s?(?:and\s)?(?:(?<inches>\d{1,2}(?:\.\d)?)(?!\d)\s?(?:inch(?:es)?|in\b|")?)?`,
      'gi',
    ),
  ],
  [
    'height',
    new RegExp(
      String.raw`\b(?<feet>[3-7])\s?(?:feet|foot|ft|')\s?(?:and\s)?(?:(?<inches>\d{1,2}(?:\.\d)?)(?!\d)\s?(?:inch(?:es)?|in\b|")?)?\s?(?:tall|in height)\b`,
      'gi',
    ),
  ],
  [
    'height',
    new RegExp(
      String.raw`\bheight\b${GAP}\b(?<value>\d{2,3}(?:\.\d)?)\s?(?<unit>cm|centimeters?|inch(?:es)?)\b`,
      'gi',
    ),
  ],
];

const NOT_NOW =
  /\b(?:last (?:time|visit|week|month|year|night|appointment|checked?)|yesterday|previous(?:ly)?|used to|ago|before (?:you|that|this)|at home|home (?:blood pressure|readings?)|usually|normally|typically|runs?|running|ranges?|averag\w+|tends? to|goal|target|ideal|should be|would be|want (?:it|your|you|to)|like (?:it|to see)|less than|greater than|more than|under \d|below|above|higher than|lower than|if|unless|until|when (?:i|you|he|she|we) (?:was|were|came|first|checked|got)|highest|lowest|at (?:its|the) (?:highest|worst)|in the (?:er|hospital|emergency|ambulance)|at the (?:er|hospital|pharmacy|store)|had been|once)\b/i;
const NOW =
  /\b(?:today|right now|currently|this (?:morning|afternoon|visit)|here in (?:the )?(?:office|clinic))\b/i;
const KIN = /\b(?:mother|father|mom|dad|sister|brother|wife|husband|son|daughter)(?:'s)?\b/i;
const CLAUSE_EDGE = /[;.!?]|,\s(?!\d)|\bbut\b|\band (?=today|now)|\bwhich\b/gi;

export function vitalSignsIn(sentence: string): SpokenVital[] {
  const text = digitsOf(sentence);
  const vitals = PATTERNS.flatMap(([name, pattern]) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const vital = isOfToday(text, match.index, match.index + match[0].length)
        ? read(name, match.groups ?? {})
        : undefined;
      return vital === undefined ? [] : [vital];
    }),
  );
  return vitals.filter((v, i) => vitals.findIndex((o) => o.name === v.name && o.value === v.value) === i);
}

function read(
  name: string,
  { value, unit, feet, inches }: Readonly<Record<string, string | undefined>>,
): SpokenVital | undefined {
  if (feet !== undefined) {
    const rest = Number(inches ?? 0);
    return rest < 12 ? { name, value: String(Number(feet) * 12 + rest), unit: 'inches' } : undefined;
  }
  if (value === undefined) return undefined;
  const known = unit ?? (name === 'temperature' ? scaleOf(Number(value)) : undefined);
  return { name, value, ...(known === undefined ? {} : { unit: known }) };
}

/** No living body has the one value on the other scale. */
function scaleOf(degrees: number): string | undefined {
  if (degrees >= 90 && degrees <= 113) return 'fahrenheit';
  return degrees >= 32 && degrees <= 43 ? 'celsius' : undefined;
}

/** By the clause that holds the value: "last time it was 150/90, today your blood pressure is 130/80". */
function isOfToday(text: string, start: number, end: number): boolean {
  const from = [...text.slice(Math.max(0, start - 120), start).matchAll(CLAUSE_EDGE)].at(-1);
  const to = new RegExp(CLAUSE_EDGE, 'i').exec(text.slice(end, end + 60));
  const clause = text.slice(
    from === undefined ? Math.max(0, start - 120) : Math.max(0, start - 120) + from.index + from[0].length,
    to === null ? end + 60 : end + to.index,
  );
  return (NOW.test(clause) || !NOT_NOW.test(clause)) && !KIN.test(clause);
}
