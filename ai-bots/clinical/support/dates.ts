/** Dates are no doses: they are read as a whole, and support dates alone. */

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH =
  '(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const YEAR = '(?<year>(?:19|20)\\d{2})';
const DAY = '(?<day>[0-3]?\\d)(?:st|nd|rd|th)?';

/** FHIR dates and dateTimes that say more than a year. */
const ISO =
  /(?<!\d)(?<year>(?:19|20)\d{2})-(?<month>\d{2})(?:-(?<day>\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?)?(?!\d)/g;
/** As people write them; a month and a day by themselves ("may 10") may be something else. */
const WRITTEN: readonly RegExp[] = [
  new RegExp(`\\b${MONTH} ${DAY},? ${YEAR}\\b`, 'gi'),
  new RegExp(`\\b${DAY} ${MONTH},? ${YEAR}\\b`, 'gi'),
  new RegExp(`\\b${MONTH},? (?:of )?${YEAR}\\b`, 'gi'),
  /(?<![\d/])(?<month>[01]?\d)\/(?<day>[0-3]?\d)\/(?<year>(?:19|20)\d{2})(?![\d/])/g,
];

export interface DatesTaken {
  /** The text without them. */
  readonly text: string;
  /** Each as one number, 20240510 or 202405, and as its parts in the order of the text's numbers. */
  readonly dates: readonly { readonly whole: number; readonly parts: readonly number[] }[];
}

export const takeIsoDates = (text: string): DatesTaken => take(text, [ISO]);

export const takeDates = (text: string): DatesTaken => take(text, [ISO, ...WRITTEN]);

function take(text: string, patterns: readonly RegExp[]): DatesTaken {
  const dates: { whole: number; parts: number[] }[] = [];
  const rest = patterns.reduce(
    (left, pattern) =>
      left.replace(pattern, (...match: unknown[]) => {
        const { year, month = '', day } = match.at(-1) as Record<string, string | undefined>;
        const named = MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1;
        const digits = [
          Number(year),
          named > 0 ? named : Number(month),
          ...(day === undefined ? [] : [Number(day)]),
        ];
        // A month that is named is no number of the text.
        const parts = named > 0 ? digits.toSpliced(1, 1) : digits;
        dates.push({ whole: digits.reduce((whole, part) => whole * 100 + part), parts });
        return ' ';
      }),
    text,
  );
  return { text: rest, dates };
}
