/** The dialogues with notes of ACI-BENCH and MTS-Dialog, from the shared data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

export interface Visit {
  readonly dialogue: string;
  readonly note: string;
  readonly gender: 'male' | 'female' | 'unknown';
  /** Its section header; of MTS-Dialog only. */
  readonly header?: string;
}

type Row = Readonly<Record<string, string>>;
const rows = (file: string): Row[] =>
  parse(readFileSync(file), { columns: true, bom: true, relax_column_count: true });

/** Whole visits. `name` is `train`, `valid` or `clinicalnlp_taskB_test1`. */
export function aciBench(dialogues: string, name: string): Visit[] {
  const folder = join(dialogues, 'aci-bench');
  const genders = new Map(
    rows(join(folder, `${name}_metadata.csv`)).map((r) => [r['encounter_id'], r['patient_gender']]),
  );
  return rows(join(folder, `${name}.csv`)).map((r) => {
    const gender = genders.get(r['encounter_id'] ?? '');
    return {
      dialogue: r['dialogue'] ?? '',
      note: r['note'] ?? '',
      gender: gender === 'male' || gender === 'female' ? gender : 'unknown',
    };
  });
}

/** Short pieces of visits, each with one section of a note. `name` is `TrainingSet`, `ValidationSet`, … */
export const mtsDialog = (dialogues: string, name: string): Visit[] =>
  rows(join(dialogues, 'mts-dialog', `MTS-Dialog-${name}.csv`)).map((r) => ({
    dialogue: r['dialogue'] ?? '',
    note: r['section_text'] ?? '',
    gender: 'unknown',
    header: r['section_header'] ?? '',
  }));
