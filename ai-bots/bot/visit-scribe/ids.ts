/** Ids of what the visit scribe writes. */
import { derivedId as idOf } from '../../sdk/index.ts';
import { BOT } from './vocabulary.ts';

export const derivedId = (...parts: readonly string[]): string => idOf(BOT, ...parts);
