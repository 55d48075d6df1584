/** The numbers of a text with their units, whether they are written or said. */
import { takeDates, takeIsoDates } from './dates.ts';
import { joinsOf, NUMBER_WORDS, piecesOf } from './number-words.ts';

export interface Quantity {
  /** Ways to read it, the likeliest first: one of them must be supported as a whole. */
  readonly readings: readonly (readonly number[])[];
  /** In one form: mg, mcg, g, day, … Left out when none follows. */
  readonly unit?: string;
  /** Another word follows than a unit: "2 tablets", "20 mEq". */
  readonly isCount?: true;
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
  ['hour', 'hours?', 'hrs?', 'h'],
  ['minute', 'minutes?', 'mins?'],
  ['pound', 'pounds?', 'lbs?'],
  ['kg', 'kilos?', 'kilograms?'],
];
/** What medications are counted in, which is no unit. */
const PIECES =
  'tab(?:let)?s?|pills?|cap(?:sule)?s?|puffs?|drops?|sprays?|(?:tea|table)spoon(?:ful)?s?|patch(?:es)?|scoops?|times?|doses?';
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
/** "10 once daily", "5 to 10 mg" count nothing. */
const COUNTED =
  /^[\s-]{0,2}(?!(?:to|or|and|once|twice|daily|nightly|by|every|in|at|for|with|on|po|orally)\b)\p{L}/iu;
const VULGAR: Readonly<Record<string, number>> = { '½': 0.5, '¼': 0.25, '¾': 0.75 };

/** No further is looked for "and a half" and a unit. */
const UNIT_MAX_CHARS = 40;

/** Transcripts that were split into words write a decimal point as a word of its own. */
const SPACED_POINT = new RegExp(`(?<=(?:${WORD})) \\. (?=(?:${WORD})(?!\\p{L}))`, 'giu');

/** "q4h", "q.6h", "x10 days": these letters are no name. */
const ABBREVIATED = /(?<![\p{L}\p{N}])(q\.?|x)(?=\d)/giu;

export const isUnit = (word: string): boolean => unitOf(word) !== undefined;

export function quantitiesIn(tokenised: string): Quantity[] {
  const text = tokenised.replace(SPACED_POINT, ' point ').replace(ABBREVIATED, (letter) => `${letter[0]} `);
  return [...text.matchAll(NUMBER)].map((match) => {
    const end = match.index + match[0].length;
    const behind = text.slice(end, end + UNIT_MAX_CHARS);
    const unit = unitOf(behind.replace(AND_A_HALF, ''));
    const readings = readingsOf(match.groups ?? {});
    const whole = readings.at(-1)?.at(-1) ?? 0;
    const isCount = unit === undefined && COUNTED.test(behind);
    return {
      readings: AND_A_HALF.test(behind) ? [[whole + 0.5], ...readings] : readings,
      ...(unit === undefined ? {} : { unit }),
      ...(isCount ? { isCount } : {}),
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

export interface Source {
  /** Values that need no source, e.g. the patient's age. */
  readonly known?: readonly number[];
  /** Written with care: what counts something else is no dose. In speech a "two of them" may well be one. */
  readonly isWritten?: boolean;
}

/** Units that no text has. */
const [COUNT, DATE, YEAR] = ['#', 'date', 'year of a date'];

export function numbersSaid(source: string, { known = [], isWritten = false }: Source = {}): SaidNumbers {
  const units = new Map<number, Set<string>>();
  const add = (value: number, unit: string): void =>
    void units.set(value, (units.get(value) ?? new Set()).add(unit));
  const { text, dates } = takeIsoDates(source);
  for (const { readings, unit = '', isCount } of quantitiesIn(text))
    for (const value of [...readings.flat(), ...joinsOf(readings.at(-1) ?? [])])
      add(value, isWritten && isCount === true ? COUNT : unit);
  for (const { whole, parts } of dates) {
    add(whole, DATE);
    if (parts.length > 2) add(Math.floor(whole / 100), DATE);
    add(parts[0] ?? whole, YEAR);
  }
  for (const value of known) add(value, '');
  // "A week" is one week.
  const saysOne = /\b(?:an?|each|per|every|single|daily|weekly|nightly)\b/i.test(source);
  const isSaid = (value: number, unit: string | undefined): boolean => {
    const said = units.get(value);
    if (said === undefined) return value === 1 && saysOne && !DOSES.has(unit ?? '');
    if (unit === undefined) return [...said].some((one) => one !== DATE);
    return said.has(unit) || said.has('') || (said.has(COUNT) && !DOSES.has(unit));
  };
  return {
    supports: ({ readings, unit }) => readings.some((values) => values.every((value) => isSaid(value, unit))),
  };
}

/** "One" by itself is mostly no number ("this one"), but "one gram" is. */
const NO_NUMBER = new RegExp(
  `\\b(?:second|first|third|half|one)\\b(?![\\s-](?:${[...UNITS.flat(), PIECES].join('|')})(?!\\p{L}))`,
  'giu',
);

/** Numbers that a text claims, dates as a whole or by their parts. */
export function numbersClaimed(claim: string): Quantity[] {
  const { text, dates } = takeDates(claim);
  return [
    ...dates.map(({ whole, parts }) => ({ readings: [[whole], parts], unit: DATE })),
    ...quantitiesIn(text.replace(NO_NUMBER, ' ')),
  ];
}
