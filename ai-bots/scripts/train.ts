/**
 * Trains the embedded models on the shared data and writes `ai-bots/model/clinical.json`. With `--with-feedback <file>`
 * what clinicians signed is learnt too, and the file is written only when the new model is not worse: exit code 0 when
 * it was written, 3 when the current one stays, 1 for faults.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ARTEFACT, encode, trained } from '../clinical/model/index.ts';
import { aciBench, compare, mtsDialog, parseFeedback, train, type Comparison } from '../training/index.ts';
import { rouge1 } from './evaluate-rouge.ts';

const repository = resolve(import.meta.dirname, '../..');
const shared = resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(repository, '../shared'), 'dialogues');
const KEPT_CURRENT = 3;
/** Every fifth visit of feedback is held out. */
const HELD_OUT = 5;

const { values } = parseArgs({
  options: { 'with-feedback': { type: 'string' }, out: { type: 'string', default: ARTEFACT } },
});
const started = performance.now();
const corpora = { visits: aciBench(shared, 'train'), pieces: mtsDialog(shared, 'TrainingSet') };

function write(text: string): void {
  writeFileSync(values.out, text);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${values.out}: ${(text.length / 1e6).toFixed(2)} MB, trained in ${seconds} s\n`);
}

const percent = (value: number | undefined): string => (value === undefined ? '-' : (100 * value).toFixed(2));

function show({ current, next }: Comparison): void {
  const row = (title: string, name: keyof typeof next): string =>
    `${title.padEnd(44)} ${percent(current[name]).padStart(8)} ${percent(next[name]).padStart(8)}`;
  const lines = [
    `${''.padEnd(44)}  current      new`,
    row('ROUGE-1 on ACI-BENCH valid', 'validation'),
    row('ROUGE-1 on held-out feedback', 'feedback'),
    row('kept or struck out as clinicians did, in %', 'agreement'),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const file = values['with-feedback'];
if (file === undefined) write(encode(train(corpora)));
else {
  const feedback = parseFeedback(readFileSync(file, 'utf8'));
  const heldOut = feedback.filter((_visit, i) => i % HELD_OUT === HELD_OUT - 1);
  const learnt = feedback.filter((_visit, i) => i % HELD_OUT !== HELD_OUT - 1);
  const next = train({ ...corpora, feedback: learnt });
  const comparison = compare(trained(), next, {
    validation: aciBench(shared, 'valid'),
    heldOut,
    score: rouge1,
  });
  show(comparison);
  if (comparison.isNotWorse) write(encode(next));
  else {
    process.stdout.write('The new model is worse in at least one figure; the current one stays.\n');
    process.exitCode = KEPT_CURRENT;
  }
}
