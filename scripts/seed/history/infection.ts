/** Infections that are over: pneumonia, a urinary infection, a throat with streptococci. */
import { addDays } from '../day.ts';
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { bloodCount, throatSwab } from './laboratory.ts';
import { problem } from './problem.ts';
import { immunize, prescribe } from './treatment.ts';
import { vitals } from './vital-signs.ts';

export function infection(chart: Chart): void {
  const { random } = chart;
  const signs = adultSigns(chart);
  for (const ago of [3, 1]) checkUp(chart, ago, signs());
  const throat = visit(chart, 3.5, { ...problems.strepThroat, text: 'Sore throat and fever' });
  const strep = problem(chart, throat, 'strepThroat', { daysBefore: 2, until: addDays(throat.date, 8) });
  vitals(chart, throat, { ...signs(), temperature: 38.6 });
  throatSwab(chart, throat, true);
  prescribe(chart, throat, 'amoxicillin', strep, addDays(throat.date, 7));
  const urine = visit(chart, 2.4, { ...problems.urineInfection, text: 'Burning when passing urine' });
  const cystitis = problem(chart, urine, 'urineInfection', { daysBefore: 3, until: addDays(urine.date, 6) });
  vitals(chart, urine, { ...signs(), temperature: 37.1 });
  prescribe(chart, urine, 'nitrofurantoin', cystitis, addDays(urine.date, 5));
  const lung = visit(chart, 0.7, { ...problems.pneumonia, text: 'Fever, cough and shortness of breath' });
  const after = visit(chart, 0.64, { ...problems.pneumonia, text: 'After pneumonia' });
  const pneumonia = problem(chart, lung, 'pneumonia', { daysBefore: 4, until: after.date });
  vitals(chart, lung, { ...signs(), temperature: 39.1, saturation: 93, breaths: 24, pulse: 104 });
  bloodCount(chart, lung, 13.8, random.between(13.5, 16.8, 1));
  prescribe(chart, lung, 'amoxicillin', pneumonia, addDays(lung.date, 7));
  note(chart, lung, {
    subjective:
      'Fever to 39.5 for four days, cough with yellow phlegm, short of breath. Eats and drinks little.',
    objective: 'Crackles over the right base, saturation 93 %.',
    plan: 'Pneumonia, can stay at home. Amoxicillin for seven days, fluids, return at once when it gets worse.',
  });
  vitals(chart, after, { ...signs(), saturation: 98, breaths: 14, temperature: 36.7 });
  bloodCount(chart, after, 13.9);
  immunize(chart, after, 'pneumococcal23');
}
