/** Measures the extraction against the hand-made annotations, and writes the table of docs/extraction-quality.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { f1, precision, recall, score, type Counts, type Measure, type Score } from './extraction-score.ts';
import { readGold, type Split } from './gold-set.ts';

const { values } = parseArgs({
  options: { mistakes: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write('npm run evaluate-extraction -w ai-bots [-- --mistakes development|fresh|held-out]\n');
  process.exit(0);
}

const repository = resolve(import.meta.dirname, '../..');
const dialogues = join(
  resolve(process.env['DR_ASSISTANT_SHARED'] ?? join(repository, '../shared')),
  'dialogues',
);

const MEASURES: readonly (readonly [measure: Measure, title: string])[] = [
  ['all', 'all mentions'],
  ['C', 'conditions'],
  ['M', 'medications'],
  ['T', 'tests and treatments'],
  ['codes', 'ICD-10-CM codes of conditions'],
  ['negated', 'negated'],
  ['family', 'of family or others'],
  ['past', 'past'],
  ['hypothetical', 'hypothetical or uncertain'],
];

const percent = (value: number): string => (Number.isNaN(value) ? '–' : (100 * value).toFixed(1));
const cells = (counts: Counts): string =>
  [
    counts.right + counts.missed,
    percent(precision(counts)),
    percent(recall(counts)),
    percent(f1(counts)),
  ].join(' | ');

function scored(split: Split): Score & { readonly sentences: number } {
  const sentences = readGold(split, dialogues);
  return { ...score(sentences), sentences: sentences.length };
}

const [development, fresh, heldOut] = [scored('development'), scored('fresh'), scored('held-out')];
const safety = (title: string, of: (s: Score) => string): string =>
  `| ${title} | ${of(development)} | | | | ${of(fresh)} | | | | ${of(heldOut)} | | | |`;
const table = [
  `| | development: ${development.sentences} sentences | | | | fresh: ${fresh.sentences} sentences | | | | held out: ${heldOut.sentences} sentences | | | |`,
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
  '| | number | precision | recall | F1 | number | precision | recall | F1 | number | precision | recall | F1 |',
  ...MEASURES.map(
    ([m, title]) =>
      `| ${title} | ${cells(development.counts[m])} | ${cells(fresh.counts[m])} | ${cells(heldOut.counts[m])} |`,
  ),
  safety('only asked about, extracted all the same', ({ asked }) => `${asked.extracted} of ${asked.count}`),
  safety('affirmed as the patient’s, wrongly', ({ wronglyAffirmed }) => String(wronglyAffirmed)),
].join('\n');
process.stdout.write(`${table}\n`);
if (values.mistakes === 'development') process.stdout.write(`${development.mistakes.join('\n')}\n`);
if (values.mistakes === 'fresh') process.stdout.write(`${fresh.mistakes.join('\n')}\n`);
if (values.mistakes === 'held-out') process.stdout.write(`${heldOut.mistakes.join('\n')}\n`);

const page = join(repository, 'ai-bots/docs/extraction-quality.md');
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(
    /<!-- table -->[^]*<!-- end -->/,
    () => `<!-- table -->\n\n<!-- prettier-ignore -->\n${table}\n\n<!-- end -->`,
  ),
);
