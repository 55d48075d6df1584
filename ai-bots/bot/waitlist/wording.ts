/** What an offer says, and in which language. Nothing of why or to whom the patient comes: messages go by insecure ways. */
import { DateTime } from 'luxon';

export { hasWords, LANGUAGES, languageOf } from '../appointment-reminder/wording.ts';

type Wording = (time: string, until: string) => string;

const wordings: Readonly<Record<string, Wording>> = {
  en: (time, until) =>
    `An appointment has become free: ${time}. It is kept for you until ${until}. Please take it or decline it in the portal.`,
  de: (time, until) =>
    `Ein Termin ist frei geworden: ${time}. Er ist bis ${until} für Sie reserviert. Bitte nehmen Sie ihn im Portal an oder lehnen Sie ihn ab.`,
  es: (time, until) =>
    `Ha quedado libre una cita: ${time}. Se la reservamos hasta ${until}. Acéptela o rechácela en el portal, por favor.`,
  fr: (time, until) =>
    `Un rendez-vous s’est libéré : ${time}. Il vous est réservé jusqu’à ${until}. Merci de l’accepter ou de le refuser sur le portail.`,
};

/** @param start with the offset of the place, whose clock both times are told by; @param language BCP 47 */
export function offerText(start: string, until: Date, language: string): string {
  const at = DateTime.fromISO(start, { setZone: true });
  const form = (time: DateTime): string =>
    time.setLocale(language).toLocaleString({ ...DateTime.DATETIME_MED_WITH_WEEKDAY });
  const wording = wordings[language.split('-')[0]?.toLowerCase() ?? ''] ?? wordings['en']!;
  const text = wording(form(at), form(DateTime.fromJSDate(until, { zone: at.zone })));
  return text.replace(/[\u00a0\u202f]/g, ' ');
}
