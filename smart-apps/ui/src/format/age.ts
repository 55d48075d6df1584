/** Ages from a FHIR birthDate. */
import type { Words } from '../i18n/words.ts';

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dayOf(date: string | undefined): Day | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)/.exec(date ?? '');
  if (parts === null) return undefined;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  return { year, month, day };
}

/** Whole months; undefined when the date is not a full one. */
function monthsOn(birthDate: string | undefined, today: Date): number | undefined {
  const born = dayOf(birthDate);
  if (born === undefined) return undefined;
  const months = (today.getFullYear() - born.year) * 12 + today.getMonth() + 1 - born.month;
  return today.getDate() >= born.day ? months : months - 1;
}

/** Whole years on a day of the user's calendar; undefined when the FHIR date is not a full one. */
export function ageOn(birthDate: string | undefined, today: Date): number | undefined {
  const months = monthsOn(birthDate, today);
  return months === undefined ? undefined : Math.floor(months / 12);
}

/** Days below a month, months below two years, years above; undefined when it cannot be said. */
export function formatAge(birthDate: string | undefined, today: Date, { t }: Words): string | undefined {
  const months = monthsOn(birthDate, today);
  const born = dayOf(birthDate);
  if (months === undefined || born === undefined || months < 0) return undefined;
  if (months >= 24) return t('age.years', { count: Math.floor(months / 12) });
  if (months >= 1) return t('age.months', { count: months });
  const now = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  return t('age.days', {
    count: Math.round((now - Date.UTC(born.year, born.month - 1, born.day)) / 86_400_000),
  });
}
