/** English words for tests of formatters: in New York, which lies behind UTC, unless the test says otherwise. */
import { createI18n, wordsOf, type Words } from '../../src/i18n/words.ts';

export async function english(timeZone = 'America/New_York', region = 'en-US'): Promise<Words> {
  return wordsOf(await createI18n({ en: {} }, [region]), [region], timeZone);
}
