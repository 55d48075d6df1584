/** The words of the console. */
import { textOf } from '@dr-assistant/ui/i18n';
import type en from './locale/en.json';

export const useText = textOf<typeof en>();
