/** A smoker's lungs: COPD with an exacerbation each winter or two, until smoking is given up. */
import { addDays } from '../day.ts';
import type { Chart } from './chart.ts';
import { visit } from './chart.ts';
import { problems } from './codes.ts';
import { carePlan, note } from './document.ts';
import { bloodCount } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, perform, prescribe } from './treatment.ts';
import { about, smoking, vitals, type Signs } from './vital-signs.ts';

export function copd(chart: Chart): void {
  const { random } = chart;
  const years = random.between(3, 5);
  const heightCm = chart.member.gender === 'male' ? random.between(168, 180) : random.between(155, 166);
  const weight = (heightCm / 100) ** 2 * random.between(20, 25, 1);
  const signs = (): Signs => ({
    pressure: [about(chart, 134, 7), about(chart, 80, 5)],
    pulse: about(chart, 84, 6),
    weightKg: round(weight + random.between(-1, 1, 1), 1),
    saturation: random.between(92, 95),
    breaths: random.between(16, 20),
  });
  const first = visit(chart, years, { text: 'Cough with phlegm and short of breath on stairs' });
  vitals(chart, first, { ...signs(), heightCm });
  smoking(chart, first, 'current');
  const lungs = problem(chart, first, 'copd', { daysBefore: random.between(300, 900) });
  const quit = visit(chart, 2, { ...problems.smoking, text: 'Wants to stop smoking' });
  const habit = problem(chart, first, 'smoking', { daysBefore: 9_000, until: addDays(quit.date, 60) });
  perform(chart, first, 'spirometry', { reason: lungs, outcome: 'FEV1/FVC 0.61, FEV1 64 % of predicted' });
  prescribe(chart, first, 'albuterol', lungs);
  immunize(chart, first, 'pneumococcal23', 'influenza');
  note(chart, first, {
    subjective:
      'Morning cough with phlegm for years, short of breath on the second floor. A pack a day since youth.',
    objective: 'Prolonged expiration, no wheeze at rest.',
    plan: 'COPD, moderate by spirometry. Albuterol as needed, stop smoking, vaccinations.',
  });
  vitals(chart, quit, signs());
  perform(chart, quit, 'smokingEducation', { reason: habit });
  prescribe(chart, quit, 'varenicline', habit, addDays(quit.date, 84));
  for (let ago = years - 0.5; ago > 0.2; ago -= 0.5) {
    const isWorse = random.chance(0.25);
    const at = visit(chart, ago, { ...problems[isWorse ? 'copdExacerbation' : 'copd'], text: isWorse ? 'Worse cough and breathlessness' : 'Follow-up of COPD' }); // prettier-ignore
    vitals(
      chart,
      at,
      isWorse ? { ...signs(), saturation: random.between(88, 91), temperature: 37.8 } : signs(),
    );
    smoking(chart, at, at.date > quit.date ? 'former' : 'current');
    if (ago === years - 0.5) prescribe(chart, at, 'tiotropium', lungs);
    if (isWorse) {
      const flare = problem(chart, at, 'copdExacerbation', { daysBefore: 3, until: addDays(at.date, 12) });
      prescribe(chart, at, 'prednisone', flare, addDays(at.date, 5));
      bloodCount(chart, at, random.between(13.5, 16, 1), random.between(11.4, 14.2, 1));
    }
    if (random.chance(0.5)) immunize(chart, at, 'influenza');
  }
  carePlan(
    chart,
    quit,
    'Living with COPD',
    [lungs],
    [{ text: 'Stays without cigarettes' }, { text: 'Walks a mile without stopping' }],
    ['Tiotropium every day', 'Pulmonary exercises', 'Influenza vaccination each autumn'],
  );
}
