/** A depression that lifts: scores of the PHQ-9 fall under sertraline and talks. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { labs } from './laboratory.ts';
import { problem } from './problem.ts';
import { prescribe } from './treatment.ts';
import { phq9, vitals } from './vital-signs.ts';

/** Months after the beginning, and the share of the first score that is left. */
const COURSE = [
  [1, 0.8],
  [2, 0.6],
  [3, 0.45],
  [5, 0.32],
  [8, 0.25],
  [12, 0.22],
  [18, 0.2],
] as const;

export function depression(chart: Chart): void {
  const { random } = chart;
  const signs = adultSigns(chart);
  checkUp(chart, 3.2, signs());
  const score = random.between(15, 19);
  const years = random.between(1.7, 2.4, 1);
  const first = visit(chart, years, { text: 'Low mood and no sleep for weeks' });
  vitals(chart, first, signs());
  phq9(chart, first, score);
  labs(chart, first, 'laboratory', {
    tsh: random.between(1.1, 2.9, 2),
    hemoglobin: random.between(13, 14.5, 1),
  });
  const condition = problem(chart, first, 'depressionModerate', { daysBefore: random.between(30, 80) });
  const sleep = visit(chart, years - 5 / 12, { ...problems.insomnia, text: 'Sleep' });
  problem(chart, first, 'insomnia', { daysBefore: 30, until: sleep.date });
  vitals(chart, sleep, signs());
  note(chart, first, {
    subjective:
      'Low mood, no interest, wakes at four, poor appetite since the summer. No thoughts of self-harm.',
    plan: `Moderate depressive episode, PHQ-9 ${score}. Sertraline 50 mg daily, referral to psychotherapy, return in four weeks.`,
  });
  for (const [months, share] of COURSE) {
    const at = visit(chart, years - months / 12, { ...problems.depressionModerate, text: 'Mood and sleep' });
    vitals(chart, at, signs());
    phq9(chart, at, Math.max(2, Math.round(score * share) + random.between(-1, 1)));
    if (months === 2) {
      prescribe(chart, first, 'sertraline', condition, at.date);
      prescribe(chart, at, 'sertralineMore', condition);
    }
  }
  carePlan(
    chart,
    first,
    'Getting well again',
    [condition],
    [{ text: 'PHQ-9 below 5' }, { text: 'Back at work full time' }],
    ['Psychotherapy every week', 'Walk outside every morning', 'Call 988 or the clinic when it gets worse'],
  );
}
