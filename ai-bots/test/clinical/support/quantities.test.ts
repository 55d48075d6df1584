/** Numbers mean the same whether they are said or written, and carry their units. */
import { describe, expect, test } from '@jest/globals';
import { numbersClaimed, numbersSaid } from '../../../clinical/support/quantities.ts';

const isSupported = (claimed: string, said: string): boolean => {
  const numbers = numbersSaid(said);
  return numbersClaimed(claimed).every((quantity) => numbers.supports(quantity));
};

describe('A number is supported', () => {
  test.each([
    ['Blood pressure is 132/80.', 'it is one thirty two over eighty'],
    ['Takes 25 mg.', 'I take twenty five milligrams'],
    ['Takes 25 mg.', 'I take twenty-five of them'],
    ['Takes 500 mg.', 'five hundred milligrams every day'],
    ['Takes 1,500 mg.', 'fifteen hundred milligrams'],
    ['Takes 1500 mg.', 'one thousand five hundred milligrams'],
    ['INR is 2.5.', 'your inr is two point five'],
    ['Takes 2.5 mg.', 'two and a half milligrams'],
    ['Temperature 98.6.', 'ninety eight six this morning'],
    ['Temperature 98.7.', 'it is ninety eight . seven today'],
    ['Creatinine was .7.', 'it was .7'],
    ['Between twenty and thirty.', 'from 20 to 30'],
    ['Glucose 105.', 'it was one oh five'],
    ['Since 1975.', 'since nineteen seventy five'],
    ['In 2024.', 'in twenty twenty four'],
    ['For 2 weeks.', 'for a couple of weeks'],
    ['For 1 week.', 'for about a week'],
    ['Twice daily.', 'two times a day'],
    ['Takes half a tablet of 10 mg.', 'half of the ten milligram tablet'],
    ['Pain 7/10.', 'I would say seven out of ten'],
    ['Hemoglobin A1C and vitamin B12 were checked after COVID-19.', 'we checked those'],
    ['Has had one of these before.', 'had that before'],
    ['Is on the 3rd course.', 'this is my third course'],
    ['Takes 200 micrograms.', '200 mcg'],
    ['Takes 12 tablets.', 'a dozen of them'],
    ['Every 4 hours.', 'q4h'],
    ['Take q.6h.', 'every six hours'],
    ['Amoxicillin x10 days.', 'for ten days'],
    ['Takes one gram.', 'one gram'],
    ['Since May 2024, last on May 10, 2024.', 'Metformin 2024-05-10'],
    ['On 5/10/2024, and since 2024.', 'Metformin 2024-05-10T09:30:00Z'],
    ['Seen on 2024-05.', 'in 2024-05-10'],
  ])('"%s" by "%s"', (claimed, said) => {
    expect(isSupported(claimed, said)).toBe(true);
  });
});

describe('A number is not supported', () => {
  test.each([
    ['Takes 250 mg.', 'I take twenty five milligrams'],
    ['Takes 25 g.', 'I take twenty five milligrams'],
    ['For 3 days.', 'for three weeks'],
    ['Blood pressure is 182/80.', 'it is one thirty two over eighty'],
    ['Takes 10 mg twice daily.', 'ten milligrams daily'],
    ['Takes 1 mg.', 'I take a pill'],
    ['Takes 500 mg.', 'I take it every day'],
    ['Is 45 years old.', 'hello there'],
    ['Takes twenty mg.', 'ten mg'],
    ['Takes 0.5 mg.', 'five mg'],
    ['Takes one gram.', 'I take it'],
    ['Takes one ml.', 'a spoon of it'],
    ['One puff.', 'the inhaler'],
    ['Takes one unit.', 'a shot'],
    ['By one percent.', 'it fell'],
    ['Take q4h.', 'I take it'],
    ['Take q6h.', 'every four hours'],
    ['Take it x10.', 'I take it'],
    ['Metformin 10 mg daily.', 'Metformin, 500 mg 2024-05-10'],
    ['Glucose 10.', 'Glucose 2024-05-10'],
    ['Since 2024-05-11.', 'Metformin 2024-05-10 and 2023-01-11'],
    ['Since June 2024.', 'Metformin 2024-05-10 and 2023-06-01'],
  ])('"%s" by "%s"', (claimed, said) => {
    expect(isSupported(claimed, said)).toBe(false);
  });
});

describe('In what is written, a number that counts something else', () => {
  const isWrittenDose = (claimed: string, written: string): boolean => {
    const numbers = numbersSaid(written, { isWritten: true });
    return numbersClaimed(claimed).every((quantity) => numbers.supports(quantity));
  };

  test.each([
    ['Metformin 2 mg.', 'Metformin, 2 tablets'],
    ['Potassium 20 mg.', 'Potassium, 20 mEq daily'],
    ['Insulin 3 units.', 'Insulin, 3 refills'],
  ])('is no dose: "%s" by "%s"', (claimed, written) => {
    expect(isWrittenDose(claimed, written)).toBe(false);
  });

  test.each([
    ['Metformin 2 tablets.', 'Metformin, 2 tablets'],
    ['Potassium 20 mEq.', 'Potassium, 20 mEq daily'],
    ['Lisinopril 10 mg.', 'Lisinopril 10 once daily'],
    ['Lisinopril 5 to 10 mg.', 'Lisinopril 5 to 10 mg'],
    ['Twice a day.', '2 per 1 d'],
  ])('counts all the same: "%s" by "%s"', (claimed, written) => {
    expect(isWrittenDose(claimed, written)).toBe(true);
  });
});

test('Twenty thousand numbers are read in a time that grows with their number alone.', () => {
  const text = `${'1 mg '.repeat(10_000)}${'one twenty and '.repeat(5_000)}`;
  const started = performance.now();
  expect(isSupported(text, text)).toBe(true);
  expect(performance.now() - started).toBeLessThan(5_000);
});
