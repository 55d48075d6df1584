/** The words of this page, for components. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { uiEnglish } from './catalogs.ts';
import { regionOf, sayOf, type Say, type Words } from './words.ts';

/** What this package's formatters speak with, in the user's language, region and time zone. */
export function useWords(): Words {
  const { t, i18n } = useTranslation('ui');
  return useMemo(
    () => ({ t: sayOf(t), language: regionOf(i18n.language, navigator.languages) }),
    [t, i18n.language],
  );
}

/** The words of this package alone. */
export const useUiText = (): Say<typeof uiEnglish> => sayOf(useTranslation('ui').t);

/** Makes an app's hook: `export const useText = textOf<typeof en>()`, and in a component `const t = useText()`. */
export const textOf =
  <C>(): (() => Say<C>) =>
  () =>
    sayOf(useTranslation('app').t);
