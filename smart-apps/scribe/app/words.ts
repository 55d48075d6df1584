/** The words of the scribe. */
import { textOf, type Say } from '@dr-assistant/ui/i18n';
import type en from './locale/en.json';

export type ScribeText = Say<typeof en>;
export const useText = textOf<typeof en>();
