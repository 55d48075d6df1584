/** Dialogues of ACI-BENCH, from the data beside the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

export interface Dialogue {
  readonly encounter_id: string;
  /** `[doctor] …` and `[patient] …`, a turn a line. */
  readonly dialogue: string;
}

export const readDialogues = (folder: string, file: string): Dialogue[] =>
  parse<Dialogue>(readFileSync(join(folder, file), 'utf8'), { columns: true });
