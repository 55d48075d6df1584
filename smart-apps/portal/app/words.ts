/** The words of the portal. */
import { textOf, type KeyOf, type Say } from '@dr-assistant/ui/i18n';
import type en from './locale/en.json';

export const useText = textOf<typeof en>();
export type Key = KeyOf<typeof en>;
export type Text = Say<typeof en>;
