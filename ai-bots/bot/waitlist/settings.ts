/** The settings of the waitlist. Each name is documented in docs/configuration.md of the server. */
import { readSettings } from '../../sdk/index.ts';
import { hasWords, LANGUAGES } from './wording.ts';

export interface Settings {
  readonly everyMinutes: number;
  /** For so long a time is kept for whom it is offered to. */
  readonly offerMs: number;
  /** Who has let so many offers pass without an answer gets no more. */
  readonly unansweredMax: number;
  /** BCP 47, for patients whose language is not known or has no words. */
  readonly language: string;
}

/** Throws SettingsError. */
export function waitlistSettings(env: NodeJS.ProcessEnv): Settings {
  const read = readSettings(env);
  const language = read.text('WAITLIST_LANGUAGE', 'en');
  if (!hasWords(language))
    read.fault(`WAITLIST_LANGUAGE must be one of ${LANGUAGES.join(', ')}, with a region if you like: de-AT`);
  const settings: Settings = {
    everyMinutes: read.whole('WAITLIST_EVERY_MINUTES', 5, 1, 60),
    offerMs: read.whole('WAITLIST_OFFER_MINUTES', 120, 15, 10_080) * 60_000,
    unansweredMax: read.whole('WAITLIST_UNANSWERED_MAX', 3, 1, 1_000),
    language,
  };
  read.check();
  return settings;
}
