/** Quantities with UCUM units (https://ucum.org) as clinicians write them. */
import type { Quantity, Range, Ratio } from '@medplum/fhirtypes';
import type { Words } from '../i18n/words.ts';

const UCUM = 'http://unitsofmeasure.org';

/** Units of time, which have a plural and are translated. */
const TIMES = ['s', 'min', 'h', 'd', 'wk', 'mo', 'a'] as const;
export type TimeUnit = (typeof TIMES)[number];

export const isTimeUnit = (code: string | undefined): code is TimeUnit => TIMES.includes(code as TimeUnit);

/** Micrograms are written mcg: the Greek letter has been read as m (ISMP's list of error-prone abbreviations). */
const PIECES: readonly (readonly [RegExp, string])[] = [
  [/\[degF\]/g, '°F'],
  [/\bCel\b/g, '°C'],
  [/\bug\b/g, 'mcg'],
  [/\[(?:iU|IU)\]/g, 'IU'],
  [/mm\[Hg\]/g, 'mmHg'],
  [/10\*(\d+)/g, '10^$1'],
  [/\[([a-z]+)_[a-z]+\]/gi, '$1'],
];
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A UCUM code as it is printed; `1` is no unit. */
export function formatUcum(code: string): string {
  if (code === '1') return '';
  const printed = PIECES.reduce((text, [form, words]) => text.replace(form, words), code);
  return printed
    .replace(/\{([^}]*)\}/g, (_all, words: string) => words.replaceAll('_', ' '))
    .replace(/\^(\d+)/g, (_all, digits: string) => [...digits].map((d) => RAISED[Number(d)]).join(''))
    .replace(
      /([a-z])(2|3)(?![0-9])/g,
      (_all, letter: string, digit: string) => letter + RAISED[Number(digit)],
    );
}

/** Shows as many decimals as the number has; JSON keeps no trailing zeros. */
const formatNumber = (value: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 20 }).format(value);

function unitOf({ unit, code, system, value }: Quantity, { t }: Words): string {
  const isUcum = system === UCUM || (system === undefined && unit === undefined);
  if (isUcum && isTimeUnit(code)) return t(`unit.${code}`, { count: value ?? 0 });
  if (unit !== undefined && unit !== code) return unit;
  const written = code ?? unit;
  if (written === undefined) return '';
  return system === UCUM || system === undefined ? formatUcum(written) : written;
}

/** A unit follows a space, but for the percent sign. */
const withUnit = (number: string, unit: string): string =>
  unit === '' ? number : unit === '%' ? `${number}%` : `${number} ${unit}`;

/** "≥ 5 mg". Empty when it has no value. */
export function formatQuantity(quantity: Quantity | undefined, words: Words): string {
  const { value, comparator } = quantity ?? {};
  if (quantity === undefined || value === undefined) return '';
  const sign = comparator === undefined ? '' : `${comparator.replace('<=', '≤').replace('>=', '≥')} `;
  return sign + withUnit(formatNumber(value, words.language), unitOf(quantity, words));
}

/** "5–10 mg", "≥ 5 mg". */
export function formatRange({ low, high }: Range, words: Words): string {
  if (low?.value === undefined) return formatOneSided(high, '≤', words);
  if (high?.value === undefined) return formatOneSided(low, '≥', words);
  const unit = unitOf(high, words);
  const isOfOneUnit = low.code === high.code && low.unit === high.unit;
  if (!isOfOneUnit) return `${formatQuantity(low, words)} – ${formatQuantity(high, words)}`;
  const numbers = [low.value, high.value].map((n) => formatNumber(n, words.language));
  return withUnit(numbers.join('–'), unit);
}

function formatOneSided(limit: Quantity | undefined, sign: string, words: Words): string {
  const text = formatQuantity(limit, words);
  return text === '' ? '' : `${sign} ${text}`;
}

/** "1:128" for a titre, "5 mg / mL" for a concentration. */
export function formatRatio({ numerator, denominator }: Ratio, words: Words): string {
  const above = formatQuantity(numerator, words);
  if (denominator?.value === undefined) return above;
  const isOfNumbers = [numerator, denominator].every((q) => q && unitOf(q, words) === '');
  if (isOfNumbers) return `${above}:${formatQuantity(denominator, words)}`;
  const below = denominator.value === 1 ? unitOf(denominator, words) : formatQuantity(denominator, words);
  return `${above} / ${below}`;
}
