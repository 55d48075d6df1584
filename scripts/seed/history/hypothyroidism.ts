/** Hypothyroidism: a high TSH that comes down in two steps of levothyroxine. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { labs, lipids } from './laboratory.ts';
import { problem } from './problem.ts';
import { immunize, prescribe } from './treatment.ts';
import { vitals } from './vital-signs.ts';

export function hypothyroidism(chart: Chart): void {
  const { random } = chart;
  const signs = adultSigns(chart);
  const years = random.between(2, 4);
  checkUp(chart, years + 1, signs());
  const first = visit(chart, years, { text: 'Tired, cold and gaining weight' });
  const tsh = random.between(9, 16, 1);
  vitals(chart, first, { ...signs(), pulse: random.between(54, 60) });
  labs(chart, first, 'laboratory', { tsh, freeT4: random.between(0.5, 0.7, 1) }, 'Primary hypothyroidism');
  lipids(chart, first, random.between(138, 160));
  const condition = problem(chart, first, 'hypothyroidism', { daysBefore: random.between(40, 120) });
  const second = visit(chart, years - 0.15, {
    ...problems.hypothyroidism,
    text: 'Thyroid: test after six weeks',
  });
  prescribe(chart, first, 'levothyroxine', condition, second.date);
  note(chart, first, {
    subjective: 'Tired for months, feels cold, gained 3 kg. No trouble swallowing.',
    objective: 'Dry skin, thyroid not enlarged.',
    plan: `Hypothyroidism, TSH ${tsh}. Levothyroxine 50 mcg every morning, TSH in six weeks.`,
  });
  vitals(chart, second, signs());
  labs(chart, second, 'laboratory', { tsh: random.between(5.2, 6.8, 1), freeT4: random.between(0.8, 1, 1) });
  prescribe(chart, second, 'levothyroxineMore', condition);
  for (let ago = years - 0.5; ago > 0.2; ago -= 0.5) {
    const at = visit(chart, ago, { ...problems.hypothyroidism, text: 'Follow-up of thyroid' });
    vitals(chart, at, signs());
    labs(chart, at, 'laboratory', { tsh: random.between(1.2, 3.4, 2), freeT4: random.between(1, 1.4, 1) });
    if (random.chance(0.5)) immunize(chart, at, 'influenza');
  }
}
