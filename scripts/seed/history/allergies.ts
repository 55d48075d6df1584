/** Somebody with allergies: hay fever each spring, and one reaction that was dangerous. */
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { adultSigns, checkUp } from './healthy-adult.ts';
import { allergy, problem } from './problem.ts';
import { prescribe } from './treatment.ts';
import { vitals } from './vital-signs.ts';

export function allergies(chart: Chart): void {
  const { random } = chart;
  const signs = adultSigns(chart);
  for (const ago of [3.1, 1.1]) checkUp(chart, ago, signs());
  const first = visit(chart, 4.6, { ...problems.hayFever, text: 'Sneezing and itching eyes' });
  const hayFever = problem(chart, first, 'hayFever', { daysBefore: 700 });
  vitals(chart, first, signs());
  prescribe(chart, first, 'cetirizine', hayFever);
  problem(chart, first, 'eczema', { daysBefore: 3_000, until: first.date });
  const sting = visit(chart, random.between(2.4, 2.8, 1), { text: 'After a bee sting: hives and dizziness' });
  vitals(chart, sting, { ...signs(), pressure: [98, 58], pulse: 112 });
  allergy(chart, sting, 'beeVenom', 'Hives, dizziness, low blood pressure', 'severe');
  prescribe(chart, sting, 'epinephrine');
  note(chart, sting, {
    subjective: 'Stung by a bee in the garden an hour ago; hives all over and dizzy within minutes.',
    objective: 'Hives on trunk and arms, lungs clear.',
    plan: 'Severe reaction to bee venom. Epinephrine given and prescribed to carry along, referred for venom immunotherapy.',
  });
  const rash = visit(chart, random.between(1.4, 1.8, 1), { text: 'Rash under an antibiotic' });
  vitals(chart, rash, signs());
  allergy(chart, rash, random.pick(['penicillin', 'sulfonamide']), 'Rash', 'moderate');
  carePlan(
    chart,
    sting,
    'Emergency plan for stings',
    [hayFever],
    [{ text: 'Carries epinephrine in summer and knows how to use it' }],
    ['Epinephrine pen renewed each year', 'Immunotherapy at the allergist'],
  );
}
