/** What the extraction must reach on sentences of real dialogues that were annotated by hand. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { f1, precision, score, type Counts, type Measure } from '../../scripts/extraction-score.ts';
import { readGold, type GoldSentence } from '../../scripts/gold-set.ts';
import { sharedFolder, testWith } from '../support/shared-data.ts';

const read = (): [development: GoldSentence[], fresh: GoldSentence[], heldOut: GoldSentence[]] => {
  const dialogues = join(sharedFolder, 'dialogues');
  return [readGold('development', dialogues), readGold('fresh', dialogues), readGold('held-out', dialogues)];
};

testWith('dialogues/mts-dialog')(
  'Coded conditions are right in 95 of 100, denials have an F1 of 0.9 [needs the shared data dialogues].',
  () => {
    const [development, fresh, heldOut] = read();
    expect(development.length).toBeGreaterThanOrEqual(200);
    expect(fresh.length).toBeGreaterThanOrEqual(100);
    expect(heldOut.length).toBeGreaterThanOrEqual(100);
    const all = score([...development, ...fresh, ...heldOut]).counts;
    const blind = score(heldOut).counts;
    expect(precision(all.codes)).toBeGreaterThanOrEqual(0.95);
    expect(precision(blind.codes)).toBeGreaterThanOrEqual(0.95);
    expect(f1(all.negated)).toBeGreaterThanOrEqual(0.9);
    expect(f1(all.all)).toBeGreaterThanOrEqual(0.9);
  },
);

test('A measure without anything to count is not a number, and a mistake lowers it.', () => {
  const counts: Counts = { right: 3, wrong: 1, missed: 1 };
  expect([precision(counts), f1(counts)]).toEqual([0.75, 0.75]);
  expect(precision({ right: 0, wrong: 0, missed: 0 })).toBeNaN();
});

test('The score tells a wrong code, a lost denial and an extra mention.', () => {
  const found = (text: string, start: number, end: number, code?: string): GoldSentence['found'][number] => ({
    text,
    category: 'MEDICAL_CONDITION',
    type: 'DX_NAME',
    traits: [],
    attributes: [],
    concepts:
      code === undefined ? [] : [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code, display: text }],
    source: ['c1'],
    saidByClinician: false,
    start,
    end,
  });
  const { counts, wronglyAffirmed, mistakes } = score([
    {
      text: 'no fever but a cough and a rash',
      gold: [
        { start: 3, end: 8, category: 'C', codes: ['R50.9'], flags: 'n' },
        { start: 15, end: 20, category: 'C', codes: ['R05.9'], flags: '' },
      ],
      found: [found('fever', 3, 8, 'R50.9'), found('cough', 15, 20, 'R05.1'), found('rash', 27, 31)],
    },
  ]);
  const seen: [Measure, Counts][] = (['C', 'codes', 'negated'] as const).map((m) => [m, counts[m]]);
  expect(seen).toEqual([
    ['C', { right: 2, wrong: 1, missed: 0 }],
    ['codes', { right: 1, wrong: 1, missed: 0 }],
    ['negated', { right: 0, wrong: 0, missed: 1 }],
  ]);
  expect([wronglyAffirmed, mistakes.length]).toEqual([2, 3]);
});
