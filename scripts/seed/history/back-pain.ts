/** Low back pain: an episode or two, each over within weeks, with physical therapy. */
import { addDays } from '../day.ts';
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { labs } from './laboratory.ts';
import { problem } from './problem.ts';
import { perform, prescribe } from './treatment.ts';
import { vitals } from './vital-signs.ts';

export function backPain(chart: Chart): void {
  const { random } = chart;
  const signs = adultSigns(chart);
  for (const ago of [3.2, 1.1]) checkUp(chart, ago, signs());
  for (const ago of [random.between(2.5, 3, 1), random.between(0.5, 0.9, 1)]) {
    const first = visit(chart, ago, { ...problems.backPain, text: 'Pain in the lower back' });
    const second = visit(chart, ago - 0.12, { ...problems.backPain, text: 'Back pain: better' });
    const pain = problem(chart, first, 'backPain', { daysBefore: random.between(2, 10), until: second.date });
    vitals(chart, first, signs());
    prescribe(chart, first, random.pick(['ibuprofen', 'naproxen']), pain, addDays(first.date, 10));
    note(chart, first, {
      subjective: `Pain in the lower back after ${random.pick(['lifting a box', 'a day in the garden', 'moving house'])}, worse when bending. No numbness, no weakness, bladder normal.`,
      objective: 'Tender muscles beside the spine, straight leg raise negative, reflexes equal.',
      plan: 'Low back pain without signs of a nerve root. Stay active, pain medication for ten days, physical therapy.',
    });
    vitals(chart, second, signs());
    perform(chart, second, 'physicalTherapy', { reason: pain, outcome: 'Moves freely' });
  }
  const at = visit(chart, 0.25, { ...problems.vitaminD, text: 'Blood test results' });
  labs(chart, at, 'laboratory', { hba1c: random.between(5.1, 5.5, 1), tsh: random.between(1, 3, 2) });
  vitals(chart, at, signs());
}
