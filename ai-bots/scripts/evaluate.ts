/** Measures drafted notes against those that clinicians wrote: ROUGE, unsupported numbers, a baseline; writes docs/clinical-quality.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { draftNote, parseTranscript } from '../clinical/index.ts';
import { noteText, unsupportedConcepts, unsupportedNumbers } from './evaluate-support.ts';
import { rouge } from './evaluate-rouge.ts';

const repository = resolve(import.meta.dirname, '../..');
const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(repository, '../shared'), 'dialogues');

interface Example {
  readonly dialogue: string;
  readonly note: string;
  readonly gender: 'male' | 'female' | 'unknown';
}

type Row = Readonly<Record<string, string>>;
const rows = (file: string): Row[] =>
  parse(readFileSync(join(shared, file)), { columns: true, bom: true, relax_column_count: true });

function aci(name: string): Example[] {
  const genders = new Map(
    rows(`aci-bench/${name}_metadata.csv`).map((r) => [r['encounter_id'], r['patient_gender']]),
  );
  return rows(`aci-bench/${name}.csv`).map((r) => {
    const gender = genders.get(r['encounter_id'] ?? '');
    return {
      dialogue: r['dialogue'] ?? '',
      note: r['note'] ?? '',
      gender: gender === 'male' || gender === 'female' ? gender : 'unknown',
    };
  });
}

const mts = (file: string): Example[] =>
  rows(`mts-dialog/${file}`).map((r) => ({
    dialogue: r['dialogue'] ?? '',
    note: r['section_text'] ?? '',
    gender: 'unknown',
  }));

/** As many words from the start of the dialogue, without labels, as the draft has. */
function lead(dialogue: string, words: number): string {
  const transcript = parseTranscript(dialogue, 'text/plain');
  return transcript.segments
    .flatMap((s) => s.text.split(' '))
    .slice(0, words)
    .join(' ');
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const percent = (values: readonly number[]): string => (100 * mean(values)).toFixed(1);

function measure(title: string, examples: readonly Example[]): string {
  const results = examples.map(({ dialogue, note, gender }) => {
    const transcript = parseTranscript(dialogue, 'text/plain');
    const started = performance.now();
    const drafted = draftNote(transcript, { patient: { gender } });
    const ms = performance.now() - started;
    const text = noteText(drafted);
    const words = text.split(/\s+/).length;
    const unsupported = unsupportedNumbers(drafted, transcript).length;
    const concepts = unsupportedConcepts(drafted, transcript).length;
    return {
      ms,
      words,
      unsupported,
      concepts,
      empty: text === '',
      own: rouge(text, note),
      base: rouge(lead(dialogue, words), note),
    };
  });
  const column = (name: 'own' | 'base'): string =>
    (['rouge1', 'rouge2', 'rougeLsum'] as const)
      .map((k) => percent(results.map((r) => r[name][k])))
      .join(' | ');
  const slowest = Math.max(...results.map((r) => r.ms)).toFixed(0);
  const facts = [
    mean(results.map((r) => r.words)).toFixed(0),
    mean(results.map((r) => r.unsupported)).toFixed(2),
    mean(results.map((r) => r.concepts)).toFixed(2),
    String(results.filter((r) => r.empty).length),
    slowest,
  ];
  return [
    `| ${title} | ${examples.length} | draft | ${column('own')} | ${facts.join(' | ')} |`,
    `| | | lead | ${column('base')} | | | | | |`,
  ].join('\n');
}

const table = [
  '| data | notes | system | ROUGE-1 | ROUGE-2 | ROUGE-Lsum | words | unsupported numbers a note | unsupported concepts a note | empty notes | slowest ms |',
  '|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  measure('ACI-BENCH valid', aci('valid')),
  measure('ACI-BENCH test1', aci('clinicalnlp_taskB_test1')),
  measure('MTS-Dialog validation', mts('MTS-Dialog-ValidationSet.csv')),
].join('\n');
process.stdout.write(`${table}\n`);

const page = join(repository, 'ai-bots/docs/clinical-quality.md');
const text = readFileSync(page, 'utf8');
writeFileSync(
  page,
  text.replace(
    /<!-- table -->[^]*<!-- end -->/,
    () => `<!-- table -->\n\n<!-- prettier-ignore -->\n${table}\n\n<!-- end -->`,
  ),
);
