/** What a reminder says, and in which language. Nothing of why the patient comes: reminders go by insecure ways. */
import type { Patient } from '@medplum/fhirtypes';

interface Wording {
  /** Locale of dates when the patient's language names no region. */
  readonly locale: string;
  text(date: string, time: string): string;
}

const wordings = {
  en: {
    locale: 'en-US',
    text: (date, time) =>
      `Reminder: you have an appointment on ${date} at ${time}. If you cannot come, please let us know.`,
  },
  de: {
    locale: 'de-DE',
    text: (date, time) =>
      `Erinnerung: Sie haben am ${date} um ${time} Uhr einen Termin. Bitte sagen Sie Bescheid, wenn Sie nicht kommen können.`,
  },
  es: {
    locale: 'es-ES',
    text: (date, time) =>
      `Recordatorio: tiene una cita el ${date}, hora: ${time}. Si no puede venir, avísenos, por favor.`,
  },
  fr: {
    locale: 'fr-FR',
    text: (date, time) =>
      `Rappel : vous avez rendez-vous le ${date} à ${time}. Si vous ne pouvez pas venir, merci de nous prévenir.`,
  },
} as const satisfies Record<string, Wording>;

/** BCP 47: the patient's preferred language if it is known and there are words for it, and otherwise the clinic's. */
export function languageOf(patient: Patient | undefined, clinics: string): string {
  const spoken = patient?.communication ?? [];
  const preferred = spoken.find((c) => c.preferred === true) ?? (spoken.length === 1 ? spoken[0] : undefined);
  const tags = (preferred?.language.coding ?? []).flatMap((c) => c.code ?? []);
  return tags.find(hasWords) ?? clinics;
}

/** @param tag BCP 47, such as `de` or `de-AT` */
export const hasWords = (tag: string): boolean => wordingOf(tag) !== undefined && isTag(tag);

export const LANGUAGES: readonly string[] = Object.keys(wordings);

/** @param signature e.g. the name of the clinic; it stands at the end */
export function reminderText(start: Date, timeZone: string, language: string, signature?: string): string {
  const wording: Wording = wordingOf(language) ?? wordings.en;
  const locale = language.includes('-') ? language : wording.locale;
  const date = new Intl.DateTimeFormat(locale, {
    timeZone,
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  }).format(start);
  const time = new Intl.DateTimeFormat(locale, { timeZone, hour: 'numeric', minute: '2-digit' }).format(
    start,
  );
  const text = wording.text(date, time);
  // Narrow and unbreakable spaces, which some locales put in, would make one SMS into two.
  return (signature === undefined ? text : `${text} ${signature}`).replace(/[\u00a0\u202f]/g, ' ');
}

function wordingOf(tag: string): Wording | undefined {
  const base = tag.split('-')[0]?.toLowerCase() ?? '';
  return Object.entries(wordings).find(([language]) => language === base)?.[1];
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
