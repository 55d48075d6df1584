/** Check-ups of somebody who is well: screening by age, vaccinations, a cold now and then. */
import { addDays, yearsBetween } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { visit } from './chart.ts';
import { problems, reasons } from './codes.ts';
import { note } from './document.ts';
import { bloodCount, lipids, metabolic } from './laboratory.ts';
import { problem } from './problem.ts';
import { round } from './random.ts';
import { immunize, perform } from './treatment.ts';
import { about, smoking, vitals, type Signs } from './vital-signs.ts';

/** Signs of an adult who is well; the height is measured once. */
export function adultSigns(chart: Chart): () => Signs {
  const { random, member } = chart;
  const heightCm = member.gender === 'male' ? random.between(169, 187) : random.between(156, 174);
  const weight = (heightCm / 100) ** 2 * random.between(21, 26, 1);
  let visits = 0;
  return () => {
    visits += 1;
    return {
      pressure: [about(chart, 118, 6), about(chart, 74, 5)],
      pulse: about(chart, 68, 7),
      weightKg: round(weight + random.between(-1.2, 1.2, 1), 1),
      ...(visits === 1 ? { heightCm } : {}),
    };
  };
}

/** One check-up with the tests and screening of the age. */
export function checkUp(chart: Chart, yearsAgo: number, signs: Signs): Visit {
  const { random, member } = chart;
  const at = visit(chart, yearsAgo, { ...reasons.checkUp, text: 'Yearly check-up' });
  const age = yearsBetween(member.birthDate, at.date);
  vitals(chart, at, signs);
  lipids(chart, at, random.between(88, 124));
  if (random.chance(0.4))
    bloodCount(
      chart,
      at,
      member.gender === 'male' ? random.between(14, 16, 1) : random.between(12.6, 14.4, 1),
    );
  metabolic(chart, at, random.between(84, 105));
  immunize(chart, at, 'influenza');
  if (age >= 50) immunize(chart, at, 'zoster');
  return at;
}

export function healthyAdult(chart: Chart): void {
  const { random, member, day } = chart;
  const signs = adultSigns(chart);
  const years = random.between(3, 4);
  for (let ago = years; ago >= 1; ago -= 1) {
    const at = checkUp(chart, ago, signs());
    const age = yearsBetween(member.birthDate, at.date);
    if (ago === years) {
      immunize(chart, at, 'tdap');
      smoking(chart, at, 'never');
    }
    if (ago === 2 && age >= 45) perform(chart, at, 'colonoscopy', { outcome: 'Normal' });
    if (ago % 2 === 0 && age >= 40 && member.gender === 'female')
      perform(chart, at, 'mammography', { outcome: 'No sign of cancer' });
    if (ago === 1)
      note(chart, at, {
        subjective: 'Feels well. Works out twice a week, does not smoke, little alcohol.',
        objective: 'Heart, lungs and abdomen without findings.',
        plan: 'Healthy. Blood tests as usual, vaccinations brought up to date, back in a year.',
      });
  }
  const ill = visit(chart, random.between(0.2, 0.8, 2), { ...problems.cold, text: 'Cold with cough' });
  const until = addDays(ill.date, 9);
  problem(chart, ill, 'cold', { daysBefore: 4, until: until < day ? until : day });
  vitals(chart, ill, { ...signs(), temperature: random.between(37.4, 38.1, 1) });
}
