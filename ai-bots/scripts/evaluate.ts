/** Measures the embedded models against what clinicians wrote, and writes docs/clinical-quality.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { aciBench, mtsDialog, type Visit } from '../training/index.ts';
import { rouge } from './evaluate-rouge.ts';
import { headerAccuracy, inOneLine, mean, measureNote, withoutLabels } from './evaluate-notes.ts';

const repository = resolve(import.meta.dirname, '../..');
const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(repository, '../shared'), 'dialogues');

const percent = (values: readonly number[]): string => (100 * mean(values)).toFixed(1);

function row(title: string, visits: readonly Visit[]): string {
  const results = visits.map((visit) => measureNote(visit));
  const of = (name: 'text' | 'lead'): string => {
    const scores = results.map((r, i) => rouge(r[name], visits[i]?.note ?? ''));
    return (['rouge1', 'rouge2', 'rougeLsum'] as const)
      .map((k) => percent(scores.map((s) => s[k])))
      .join(' | ');
  };
  const facts = [
    mean(results.map((r) => r.words)).toFixed(0),
    mean(results.map((r) => r.unsupportedNumbers)).toFixed(2),
    mean(results.map((r) => r.unsupportedConcepts)).toFixed(2),
    String(results.filter((r) => r.isEmpty).length),
    Math.max(...results.map((r) => r.ms)).toFixed(0),
  ];
  return [
    `| ${title} | ${visits.length} | draft | ${of('text')} | ${facts.join(' | ')} |`,
    `| | | lead | ${of('lead')} | | | | | |`,
  ].join('\n');
}

const valid = aciBench(shared, 'valid');
const notes = [
  '| data | notes | system | ROUGE-1 | ROUGE-2 | ROUGE-Lsum | words | unsupported numbers a note | unsupported concepts a note | empty notes | slowest ms |',
  '|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  row('ACI-BENCH valid', valid),
  row('ACI-BENCH test1', aciBench(shared, 'clinicalnlp_taskB_test1')),
  row('ACI-BENCH valid, without labels', valid.map(withoutLabels)),
  row('ACI-BENCH valid, one line without labels and punctuation', valid.map(inOneLine)),
  row('MTS-Dialog validation', mtsDialog(shared, 'ValidationSet')),
].join('\n');
const accuracy = (name: string): string => percent([headerAccuracy(mtsDialog(shared, name))]);
const headers = [
  '| data | section header right |',
  '|---|--:|',
  `| MTS-Dialog validation | ${accuracy('ValidationSet')} % |`,
  `| MTS-Dialog test set 1 | ${accuracy('TestSet-1-MEDIQA-Chat-2023')} % |`,
].join('\n');
process.stdout.write(`${notes}\n\n${headers}\n`);

const page = join(repository, 'ai-bots/docs/clinical-quality.md');
const ignored = (table: string): string => `<!-- prettier-ignore -->\n${table}`;
const tables = `<!-- table -->\n\n${ignored(notes)}\n\n${ignored(headers)}\n\n<!-- end -->`;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(/<!-- table -->[^]*<!-- end -->/, () => tables),
);
