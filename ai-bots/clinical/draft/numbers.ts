/** Spoken numbers as notes write them: "one thirty two over eighty" → "132/80", "twenty milligrams" → "20 mg". */

const UNITS =
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen`.split(
    ' ',
  );
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const SMALL = new Map([
  ...UNITS.map((word, value) => [word, value] as const),
  ...TENS.map((word, i) => [word, 20 + 10 * i] as const),
]);
const WORD = String.raw`(?:${[...SMALL.keys(), 'hundred', 'thousand'].sort((a, b) => b.length - a.length).join('|')})`;
/** A run of number words; "and" only behind "hundred" and "thousand". */
const RUN = new RegExp(
  String.raw`(?<![\w-])(?:a (?=hundred|thousand))?${WORD}(?:(?:[ -]|(?<=hundred|thousand) and )${WORD})*(?: point ${WORD}(?: ${WORD})*)?(?![\w-])`,
  'gi',
);
const MEASURED =
  /^[ -](?:mg|mcg|milligrams?|micrograms?|grams?|units?|ml|percent|%|plus|over|out of|tablets?|pills?|packs?|days?|weeks?|months?|years?|hours?|minutes?|times?|pounds?|degrees|centimeters?|millimeters?|inch(?:es)?|feet|cups?|beers?|glass(?:es)?|drinks?|to)\b/i;

/** Below a hundred, or undefined: "thirty two", "seven". */
function below100(words: readonly string[]): number | undefined {
  const [first, second] = words.map((word) => SMALL.get(word));
  if (first === undefined || words.length > 2) return undefined;
  if (words.length === 1) return first;
  return second !== undefined && first >= 20 && second > 0 && second < 10 ? first + second : undefined;
}

function whole(words: readonly string[]): number | undefined {
  const thousand = words.indexOf('thousand');
  if (thousand >= 0) return sum(words, thousand, 1000);
  const hundred = words.indexOf('hundred');
  if (hundred >= 0) return sum(words, hundred, 100);
  const plain = below100(words);
  if (plain !== undefined) return plain;
  // "one thirty two", "twenty eighteen": hundreds said without their word, and years.
  for (const cut of [1, 2]) {
    const [high, low] = [below100(words.slice(0, cut)), below100(words.slice(cut))];
    if (
      high !== undefined &&
      low !== undefined &&
      high > 0 &&
      low >= 10 &&
      (high < 10 || (high >= 18 && high <= 20))
    )
      return high * 100 + low;
  }
  return undefined;
}

function sum(words: readonly string[], at: number, factor: number): number | undefined {
  const [before, behind] = [words.slice(0, at), words.slice(at + 1)];
  const high = before.length === 0 ? 1 : whole(before);
  const low = behind.length === 0 ? 0 : whole(behind);
  return high === undefined || low === undefined || low >= factor ? undefined : high * factor + low;
}

/** The one number that a run of words says; undefined for lists ("two three") and whatever else is not certain. */
export function numberSaid(run: string): string | undefined {
  const [integer = '', fraction] = run.toLowerCase().replace(/-/g, ' ').split(' point ');
  const words = integer.split(' ').filter((word) => word !== 'and' && word !== 'a');
  const value = whole(words);
  if (value === undefined || fraction === undefined) return value === undefined ? undefined : String(value);
  const digits = fraction.split(' ').map((word) => SMALL.get(word) ?? 99);
  return digits.every((digit) => digit < 10) ? `${value}.${digits.join('')}` : undefined;
}

/** Every run of number words with what it says. */
export const numbersSaid = (text: string): { readonly run: string; readonly value: string | undefined }[] =>
  [...text.matchAll(RUN)].map(([run]) => ({ run, value: numberSaid(run) }));

/** "one" alone is often no number ("this one"): it stays a word unless a unit follows. */
export function withDigits(text: string): string {
  return text
    .replace(RUN, (run: string, at: number) =>
      /^(?:one|zero)$/i.test(run) && !MEASURED.test(text.slice(at + run.length))
        ? run
        : (numberSaid(run) ?? run),
    )
    .replace(/\b(\d{1,3}) over (\d{1,3})\b/g, '$1/$2')
    .replace(/\b(\d) out of (\d{1,2})\b/g, '$1/$2')
    .replace(/\b(\d) plus\b/g, '$1+')
    .replace(/(\d) milligrams?\b/gi, '$1 mg')
    .replace(/(\d) percent\b/gi, '$1%')
    .replace(/(\d) ?(?:years?|year) ?-?old\b/gi, '$1-year-old');
}
