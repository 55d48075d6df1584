/** The artefact that comes with the program, `ai-bots/model/clinical.json`: read when first needed, then kept. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, type Trained } from './artefact.ts';

export const ARTEFACT = join(import.meta.dirname, '../../model/clinical.json');

let kept: Trained | undefined;
/** Throws an Error in words when the file is not what it should be. */
export const trained = (): Trained => (kept ??= decode(readFileSync(ARTEFACT, 'utf8')));
