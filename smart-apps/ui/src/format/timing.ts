/** Timing and Dosage (http://hl7.org/fhir/R4/dosage.html) as a sentence that a patient can follow. */
import type { Dosage, Timing, TimingRepeat } from '@medplum/fhirtypes';
import type { uiEnglish } from '../i18n/catalogs.ts';
import type { Words } from '../i18n/words.ts';
import { formatConcept } from './concept.ts';
import { formatDate, formatPeriod, formatTime } from './date.ts';
import { formatQuantity, formatRange, formatRatio, isTimeUnit } from './quantity.ts';

/** A code of the value set event-timing as the catalog writes it: the dot separates groups there. */
type EventKey = keyof typeof uiEnglish.when;

const list = (parts: readonly string[], { language }: Words): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(parts);

const duration = (value: number, max: number | undefined, unit: string | undefined, words: Words): string => {
  const count = max ?? value;
  const name = isTimeUnit(unit) ? words.t(`unit.${unit}`, { count }) : (unit ?? '');
  return `${max === undefined ? value : `${value}–${max}`} ${name}`.trim();
};

/** "3 times a day", "every 8 hours", "2 times every 3 days". */
function frequency(repeat: TimingRepeat, words: Words): string | undefined {
  const { t } = words;
  const { frequency: low, frequencyMax: high, period, periodMax, periodUnit: unit } = repeat;
  const isRange = high !== undefined && high !== low;
  if (period === undefined || !isTimeUnit(unit))
    return low === undefined ? undefined : t('timing.times', { count: low });
  const every =
    periodMax === undefined
      ? t('timing.every', { count: period, unit: t(`unit.${unit}`, { count: period }) })
      : t('timing.every-range', { range: duration(period, periodMax, unit, words) });
  if (isRange) return t('timing.per', { times: t('timing.times-range', { low: low ?? 0, high }), every });
  // "Every 8 hours" is another order than three times a day.
  if ((low ?? 1) === 1 && period !== 1) return every;
  if (period !== 1 || periodMax !== undefined)
    return t('timing.per', { times: t('timing.times', { count: low ?? 1 }), every });
  return t('timing.times-per', { count: low ?? 1, unit: t(`unit.${unit}`, { count: 1 }) });
}

function whenTaken(repeat: TimingRepeat, words: Words): string[] {
  const { t } = words;
  const { when = [], offset, dayOfWeek = [], timeOfDay = [] } = repeat;
  const events = list(
    when.map((code) => t(`when.${code.replace('.', '-') as EventKey}`)),
    words,
  );
  const ahead = offset === undefined ? '' : `${duration(offset, undefined, 'min', words)} `;
  return [
    ...(when.length > 0 ? [ahead + events] : []),
    ...(dayOfWeek.length > 0
      ? [
          t('dosage.on-days', {
            days: list(
              dayOfWeek.map((d) => t(`day.${d}`)),
              words,
            ),
          }),
        ]
      : []),
    ...(timeOfDay.length > 0
      ? [
          t('dosage.at', {
            times: list(
              timeOfDay.map((at) => formatTime(at, words)),
              words,
            ),
          }),
        ]
      : []),
  ];
}

function bounds(repeat: TimingRepeat, words: Words): string[] {
  const { t } = words;
  const { boundsDuration, boundsRange, boundsPeriod, count } = repeat;
  return [
    ...(repeat.duration === undefined
      ? []
      : [
          t('dosage.over', {
            duration: duration(repeat.duration, repeat.durationMax, repeat.durationUnit, words),
          }),
        ]),
    ...(boundsDuration ? [t('dosage.for', { duration: formatQuantity(boundsDuration, words) })] : []),
    ...(boundsRange ? [t('dosage.for', { duration: formatRange(boundsRange, words) })] : []),
    ...(boundsPeriod ? [formatPeriod(boundsPeriod, words)] : []),
    ...(count === undefined ? [] : [t('dosage.times-in-all', { count })]),
  ];
}

/** Composed from `repeat`; without it, its code or its moments. Empty when it says nothing. */
export function formatTiming({ repeat, code, event = [] }: Timing, words: Words): string {
  if (repeat === undefined && code !== undefined) return formatConcept(code, words);
  const parts = [
    ...(repeat === undefined
      ? []
      : [frequency(repeat, words), ...whenTaken(repeat, words), ...bounds(repeat, words)]),
    ...event.map((moment) => formatDate(moment, words)),
  ];
  return parts.filter(Boolean).join(', ');
}

/** What the prescriber wrote, otherwise composed: dose, way, times, need, instructions, limit. */
export function formatDosage(dosage: Dosage, words: Words): string {
  const { t } = words;
  if (dosage.text !== undefined && dosage.text !== '') return dosage.text;
  const {
    doseAndRate: [given] = [],
    method,
    route,
    timing,
    maxDosePerPeriod,
    additionalInstruction = [],
  } = dosage;
  const dose = given?.doseQuantity
    ? formatQuantity(given.doseQuantity, words)
    : given?.doseRange && formatRange(given.doseRange, words);
  const rate = given?.rateRatio
    ? formatRatio(given.rateRatio, words)
    : given?.rateQuantity
      ? formatQuantity(given.rateQuantity, words)
      : given?.rateRange && formatRange(given.rateRange, words);
  const need = dosage.asNeededCodeableConcept
    ? t('dosage.as-needed-for', { reason: formatConcept(dosage.asNeededCodeableConcept, words) })
    : dosage.asNeededBoolean && t('dosage.as-needed');
  const parts = [
    method && formatConcept(method, words),
    dose,
    route && formatConcept(route, words),
    rate && t('dosage.rate', { rate }),
    timing && formatTiming(timing, words),
    need,
    ...additionalInstruction.map((i) => formatConcept(i, words)),
    dosage.patientInstruction,
    maxDosePerPeriod && t('dosage.max', { dose: formatRatio(maxDosePerPeriod, words) }),
  ];
  return parts.filter(Boolean).join(', ') || t('dosage.none');
}
