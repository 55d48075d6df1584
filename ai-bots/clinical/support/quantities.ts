/** The numbers of a text with their units, whether they are written or said. */
import { joinsOf, NUMBER_WORDS, piecesOf } from './number-words.ts';

export interface Quantity {
  /** Ways to read it, the likeliest first: one of them must be supported as a whole. */
  readonly readings: readonly (readonly number[])[];
  /** In one form: mg, mcg, g, day, … Left out when none follows. */
  readonly unit?: string;
}

/** Units as they are written and said; their first form stands for all. */
const UNITS: readonly (readonly string[])[] = [
  ['mg', 'milligrams?', 'mgs', 'm\\.g\\.'],
  ['mcg', 'micrograms?', 'µg', 'ug'],
  ['g', 'grams?'],
  ['ml', 'milliliters?', 'millilitres?', 'cc'],
  ['unit', 'units?', 'iu'],
  ['%', 'percent', 'per cent'],
  ['day', 'days?'],
  ['week', 'weeks?', 'wks?'],
  ['month', 'months?'],
  ['year', 'years?', 'yrs?', 'y/o', 'yo'],
  ['hour', 'hours?', 'hrs?'],
  ['minute', 'minutes?', 'mins?'],
  ['pound', 'pounds?', 'lbs?'],
  ['kg', 'kilos?', 'kilograms?'],
];
const UNIT = new RegExp(
  `^[\\s-]{0,2}(?:${UNITS.map((forms) => `(${forms.join('|')})`).join('|')})(?![\\p{L}])`,
  'iu',
);
/** Amounts of which a wrong one does harm: for them even a "1" must have been said. */
const DOSES = new Set(['mg', 'mcg', 'g', 'ml', 'unit', '%']);

const WORD = NUMBER_WORDS.join('|');
const RUN = `(?<![\\p{L}\\p{N}])(?:${WORD})(?:(?:[\\s-]+(?:and[\\s-]+|point[\\s-]+)?)(?:${WORD}))*(?![\\p{L}\\p{N}])`;
/** Digits behind letters belong to names: A1C, B12, COVID-19. */
const WRITTEN =
  '(?<!\\d)\\.\\d+|(?<![\\p{L}\\p{N}])(?<!\\p{L}-)(?<!\\d[.,])(?:\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?)';
const FRACTION = '(?<![\\p{N}/])\\d\\s?/\\s?\\d(?![\\p{N}/])|[½¼¾]';
const NUMBER = new RegExp(`(?<fraction>${FRACTION})|(?<written>${WRITTEN})|(?<run>${RUN})`, 'giu');
const AND_A_HALF = /^[\s-]+and[\s-]+(?:a|one)[\s-]+half\b/i;
const VULGAR: Readonly<Record<string, number>> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };

/** No further is looked for "and a half" and a unit. */
const UNIT_MAX_CHARS = 40;

/** Transcripts that were split into words write a decimal point as a word of its own. */
const SPACED_POINT = new RegExp(`(?<=(?:${WORD})) \\. (?=(?:${WORD})(?!\\p{L}))`, 'giu');

export function quantitiesIn(tokenised: string): Quantity[] {
  const text = tokenised.replace(SPACED_POINT, ' point ');
  return [...text.matchAll(NUMBER)].map((match) => {
    const end = match.index + match[0].length;
    const behind = text.slice(end, end + UNIT_MAX_CHARS);
    const unit = unitOf(behind.replace(AND_A_HALF, ''));
    const readings = readingsOf(match.groups ?? {});
    const whole = readings.at(-1)?.at(-1) ?? 0;
    return {
      readings: AND_A_HALF.test(behind) ? [[whole + 0.5], ...readings] : readings,
      ...(unit === undefined ? {} : { unit }),
    };
  });
}

function unitOf(behind: string): string | undefined {
  const match = UNIT.exec(behind);
  if (match === null) return undefined;
  return UNITS[match.slice(1).findIndex((group) => group !== undefined)]?.[0];
}

function readingsOf({ fraction, written, run }: { [name: string]: string | undefined }): number[][] {
  if (fraction !== undefined) {
    const vulgar = VULGAR[fraction];
    if (vulgar !== undefined) return [[vulgar]];
    const [over = 0, under = 1] = fraction.split('/').map(Number);
    return [[over, under], ...(under === 0 ? [] : [[over / under]])];
  }
  if (written !== undefined) return [[Number(written.replaceAll(',', ''))]];
  const pieces = piecesOf((run ?? '').toLowerCase().split(/[\s-]+/));
  const whole = pieces.join('');
  const joins = joinsOf(pieces).filter((join) => String(join).replace('.', '') === whole);
  return [...joins.map((join) => [join]), pieces];
}

/** What may be said of numbers: each value with the units that it was said with; no unit fits every one. */
export interface SaidNumbers {
  supports(quantity: Quantity): boolean;
}

/** @param known values that need no source, e.g. the patient's age */
export function numbersSaid(source: string, known: readonly number[] = []): SaidNumbers {
  const units = new Map<number, Set<string>>();
  const add = (value: number, unit: string): void =>
    void units.set(value, (units.get(value) ?? new Set()).add(unit));
  for (const { readings, unit = '' } of quantitiesIn(source))
    for (const value of [...readings.flat(), ...joinsOf(readings.at(-1) ?? [])]) add(value, unit);
  for (const value of known) add(value, '');
  // "A week" is one week.
  const saysOne = /\b(?:an?|each|per|every|single|daily|weekly|nightly)\b/i.test(source);
  const isSaid = (value: number, unit: string | undefined): boolean => {
    const said = units.get(value);
    if (said === undefined) return value === 1 && saysOne && !DOSES.has(unit ?? '');
    return unit === undefined || said.has(unit) || said.has('');
  };
  return {
    supports: ({ readings, unit }) => readings.some((values) => values.every((value) => isSaid(value, unit))),
  };
}

/** Numbers that a text claims: "one" by itself is mostly no number ("this one"). */
export const numbersClaimed = (text: string): Quantity[] =>
  quantitiesIn(
    text.replace(
      /\b(?:second|first|third|half|one)\b(?![\s-](?:mg|milligram|tablet|pill|day|week|month|year|hour))/gi,
      ' ',
    ),
  );
