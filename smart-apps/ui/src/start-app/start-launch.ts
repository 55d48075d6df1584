/** The page at which an EHR launch arrives: an element with the id `status`, and this. */
import { createI18n } from '../i18n/words.ts';
import { launchFromEhr, type SmartApp } from '../session/index.ts';

/** Completes when the page is about to be left, or says why it cannot be. */
export async function startLaunch(app: SmartApp): Promise<void> {
  const t = (await createI18n({ en: {} }, navigator.languages)).getFixedT(null, 'ui');
  const say = (text: string): void => {
    const status = document.getElementById('status');
    if (status) status.textContent = text;
  };
  say(t('launch.under-way'));
  try {
    await launchFromEhr(app);
  } catch (error) {
    say(error instanceof Error && error.message !== '' ? error.message : t('launch.failed'));
  }
}
