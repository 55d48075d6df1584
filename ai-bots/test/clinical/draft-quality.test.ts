/** The quality that the embedded models must reach on visits that they were not trained on. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rouge1 } from '../../scripts/evaluate-rouge.ts';
import { headerAccuracy, inOneLine, mean, measureNote, withoutLabels } from '../../scripts/evaluate-notes.ts';
import { aciBench, mtsDialog, type Visit } from '../../training/index.ts';
import { describeWith, sharedFolder } from '../support/shared-data.ts';

const dialogues = join(sharedFolder, 'dialogues');
const needs = '[needs the shared data dialogues]';

/** Every third visit: enough for a ratio. */
const valid = (): Visit[] => aciBench(dialogues, 'valid').filter((_visit, i) => i % 3 === 0);

describeWith('dialogues')(`Drafts of the embedded models ${needs}`, () => {
  test.each(['valid', 'clinicalnlp_taskB_test1'])(
    'reach a ROUGE-1 of 46 on ACI-BENCH %s, and say nothing that the visit does not.',
    (name) => {
      const visits = aciBench(dialogues, name);
      const results = visits.map((visit) => measureNote(visit));
      const scores = results.map(({ text }, i) => rouge1(text, visits[i]?.note ?? ''));
      expect(100 * mean(scores)).toBeGreaterThanOrEqual(46);
      const sum = (of: (r: (typeof results)[number]) => number): number =>
        results.reduce((total, r) => total + of(r), 0);
      expect(sum((r) => r.unsupportedNumbers)).toBe(0);
      expect(sum((r) => r.unsupportedConcepts) / sum((r) => r.sentences)).toBeLessThan(0.02);
    },
  );

  test.each([
    ['labels', withoutLabels],
    ['labels, punctuation and lines', inOneLine],
  ] as const)('lose less than a sixth of ROUGE-1 without %s.', (_what, without) => {
    const of = (visits: readonly Visit[]): number =>
      mean(visits.map((visit) => rouge1(measureNote(visit).text, visit.note)));
    expect(of(valid().map(without))).toBeGreaterThan((5 / 6) * of(valid()));
  });

  test.each([
    ['ValidationSet', 70],
    ['TestSet-1-MEDIQA-Chat-2023', 72],
  ])('know the section header of MTS-Dialog %s in %i of a hundred pieces.', (name, percent) => {
    expect(100 * headerAccuracy(mtsDialog(dialogues, name))).toBeGreaterThanOrEqual(percent);
  });
});
