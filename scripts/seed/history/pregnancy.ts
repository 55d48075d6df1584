/** A first pregnancy under way: visits each month, the usual tests, iron when it is needed. */
import { addDays } from '../day.ts';
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { reasons } from './codes.ts';
import { carePlan, note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { bloodCount, labs } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, perform, prescribe } from './treatment.ts';
import { about, vitals } from './vital-signs.ts';

const WEEK_YEARS = 7 / 365.25;

export function pregnancy(chart: Chart): void {
  const { random, day } = chart;
  const signs = adultSigns(chart);
  checkUp(chart, 2.2, signs());
  checkUp(chart, 1.2, signs());
  const weeksNow = random.between(28, 34);
  const base = signs();
  const due = addDays(day, (40 - weeksNow) * 7);
  const atWeek = (week: number, reason: keyof typeof reasons) => {
    const at = visit(chart, (weeksNow - week) * WEEK_YEARS, { ...reasons[reason], text: `Prenatal visit, week ${week}` }); // prettier-ignore
    vitals(chart, at, {
      ...base,
      pressure: [about(chart, 112, 6), about(chart, 68, 5)],
      weightKg: round((base.weightKg ?? 60) + Math.max(0, week - 10) * 0.42, 1),
      pulse: about(chart, 78, 6),
    });
    return at;
  };
  const first = atWeek(8, 'pregnancy1');
  const pregnant = problem(chart, first, 'firstPregnancy', { daysBefore: 56 });
  bloodCount(chart, first, random.between(12.4, 13.4, 1));
  labs(chart, first, 'laboratory', { tsh: random.between(1, 2.4, 2), glucose: random.between(76, 90) });
  prescribe(chart, first, 'folicAcid', pregnant);
  note(chart, first, {
    subjective: `Test positive at home, a little nausea in the mornings. Due on ${due}.`,
    plan: 'First pregnancy, week 8. Folic acid, first blood tests, ultrasound in week 12.',
  });
  const second = atWeek(12, 'pregnancy1');
  perform(chart, second, 'ultrasound', { reason: pregnant, outcome: 'Single heartbeat, size as expected' });
  const third = atWeek(20, 'pregnancy2');
  perform(chart, third, 'ultrasound', { reason: pregnant, outcome: 'Anatomy without findings' });
  immunize(chart, third, 'influenza');
  const fourth = atWeek(24, 'pregnancy2');
  const hemoglobin = random.between(10.1, 10.8, 1);
  bloodCount(chart, fourth, hemoglobin);
  labs(chart, fourth, 'laboratory', { ferritin: random.between(7, 12), glucose: random.between(80, 92) });
  prescribe(chart, fourth, 'ferrousSulfate', problem(chart, fourth, 'ironDeficiency'));
  const fifth = atWeek(weeksNow - 3, weeksNow - 3 < 28 ? 'pregnancy2' : 'pregnancy3');
  bloodCount(chart, fifth, round(hemoglobin + 0.9, 1));
  immunize(chart, fifth, 'tdap');
  carePlan(
    chart,
    first,
    'Pregnancy',
    [pregnant],
    [{ text: `Birth in good health, due on ${due}` }],
    ['Visit every four weeks, from week 28 every two', 'Birth class', 'Tdap from week 27'],
  );
}
