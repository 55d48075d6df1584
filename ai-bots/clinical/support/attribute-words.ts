/** Whether the words of an attribute were said, in this or another usual form; numbers and units are judged apart. */
import { NUMBER_WORDS } from './number-words.ts';
import { isUnit } from './quantities.ts';

const QUOTED: ReadonlySet<string> = new Set(['DOSAGE', 'FORM', 'ROUTE_OR_MODE', 'FREQUENCY', 'DURATION']);

/** What means the same, in one form. */
const SAME: readonly (readonly [form: string, others: RegExp])[] = [
  ['day times 2', /\bb\.?i\.?d\b\.?/gi],
  ['day times 3', /\bt\.?i\.?d\b\.?/gi],
  ['day times 4', /\bq\.?i\.?d\b\.?/gi],
  ['day', /\b(?:daily|q\.?d)\b\.?/gi],
  ['night', /\b(?:nightly|bedtime|q\.?h\.?s|bed)\b\.?/gi],
  ['week', /\bweekly\b/gi],
  ['month', /\bmonthly\b/gi],
  ['need', /\b(?:as needed|when needed|as necessary|p\.?r\.?n)\b\.?/gi],
  ['mouth', /\b(?:orally|oral|p\.?o)\b\.?/gi],
  ['intravenous', /\bi\.?v\b\.?/gi],
  ['tablet', /\b(?:tabs?|pills?)\b/gi],
];
const EMPTY = new Set(
  'the and with for from his her your each every per times time about least next another more than into both take taking'.split(
    ' ',
  ),
);

const inOneForm = (text: string): string =>
  SAME.reduce((said, [form, others]) => said.replace(others, form), text.toLowerCase());

export function isAttributeSaid(
  { type, text }: { readonly type: string; readonly text: string },
  source: string,
): boolean {
  if (!QUOTED.has(type)) return true;
  const said = inOneForm(source);
  const words = inOneForm(text).match(/\p{L}{3,}/gu) ?? [];
  const counting = words.filter((w) => !EMPTY.has(w) && !NUMBER_WORDS.includes(w) && !isNumberUnit(w));
  return counting.every((word) => said.includes(word.slice(0, 5)));
}

/** "Days" belongs to a number, "day" by itself is how often. */
const isNumberUnit = (word: string): boolean =>
  isUnit(word) && word !== 'day' && word !== 'week' && word !== 'month';
