/** Vital signs as they are spoken or written, up to the Observation's code, value and unit. */
import { describe, expect, test } from '@jest/globals';
import { toFindings } from '../../bot/visit-scribe/findings.ts';
import { extractEntities, parseTranscript } from '../../clinical/index.ts';
import { digitsOf } from '../../clinical/extract/numbers.ts';

/** `8867-4 72 /min`; blood pressure as `85354-9 140/90`. */
const observed = (dialogue: string): string[] =>
  toFindings(extractEntities(parseTranscript(dialogue, 'text/plain'))).flatMap((finding) => {
    if (finding.kind !== 'vital') return [];
    const { coding, quantity, components = [] } = finding;
    const value =
      quantity === undefined
        ? components.map((c) => c.quantity.value).join('/')
        : `${quantity.value} ${quantity.code}`;
    return [`${coding.code ?? ''} ${value}`];
  });

const table: [said: string, seen: string[]][] = [
  ['Doctor: BP 140/90.', ['85354-9 140/90']],
  ['Doctor: Your blood pressure is one thirty two over eighty.', ['85354-9 132/80']],
  ['Doctor: Blood pressure today is one hundred and eighteen over seventy six.', ['85354-9 118/76']],
  ['Doctor: Temp 98.6.', ['8310-5 98.6 [degF]']],
  ['Doctor: Temperature is ninety eight point six degrees Fahrenheit.', ['8310-5 98.6 [degF]']],
  ['Doctor: Temperature of 38.2 degrees Celsius.', ['8310-5 38.2 Cel']],
  ['Doctor: Her temperature is one oh two.', ['8310-5 102 [degF]']],
  ['Doctor: Heart rate 72, respiratory rate 16.', ['8867-4 72 /min', '9279-1 16 /min']],
  ['Doctor: Pulse is eighty eight.', ['8867-4 88 /min']],
  ['Doctor: O2 sat 97 percent.', ['2708-6 97 %']],
  ['Doctor: You are satting ninety eight percent on room air.', ['2708-6 98 %']],
  ['Doctor: Pulse ox is 95.', ['2708-6 95 %']],
  ['Patient: I weigh one hundred and eighty pounds.', ['29463-7 180 [lb_av]']],
  ['Doctor: Weight 82.5 kg.', ['29463-7 82.5 kg']],
  ['Patient: I am five foot ten tall.', ['8302-2 70 [in_i]']],
  [
    'Doctor: Height 5 feet 4 inches, weight 150 pounds, BMI of 25.7.',
    ['29463-7 150 [lb_av]', '39156-5 25.7 kg/m2', '8302-2 64 [in_i]'],
  ],
  ['Doctor: Height 172 cm.', ['8302-2 172 cm']],
  ['Doctor: Your blood pressure is 132 over 80 today, okay?', ['85354-9 132/80']],
  ['Doctor: Last time your blood pressure was 150/90, today it is better.', []],
  ['Doctor: Last time it was high, but today your blood pressure is 128/82.', ['85354-9 128/82']],
  ['Patient: At home my blood pressure runs around 145/90.', []],
  ['Patient: I used to weigh 200 pounds.', []],
  ['Doctor: I want your blood pressure to be less than 130/80.', []],
  ['Doctor: Call me if your temperature is above 101.', []],
  ["Patient: My mother's blood pressure is 180/100.", []],
  ['Doctor: Your blood pressure is 80/140.', []],
  ['Doctor: Heart rate 720.', []],
  ['Doctor: Heart rate of 12.', []],
  ['Doctor: Oxygen is 12 percent.', []],
  ['Doctor: Temperature 60.', []],
  ['Patient: I lost 20 pounds.', []],
  ['Patient: My weight is down 20 pounds.', []],
  ['Doctor: Is your blood pressure 140/90?', []],
];

describe('The Observation of', () => {
  test.each(table)('%j is %j.', (said, seen) => {
    expect(observed(said).toSorted()).toEqual(seen.toSorted());
  });
});

test.each([
  ['one thirty two over eighty', '132 over 80'],
  ['ninety eight point six.', '98.6.'],
  ['one hundred and five', '105'],
  ['a hundred and two', '102'],
  ['one oh one point five', '101.5'],
  ['two fifty', '250'],
  ['twenty one, twenty two', '21, 22'],
  ['one two three', '1 2 3'],
  ['oh no', 'oh no'],
  ['five foot ten', '5 foot 10'],
  ['nothing at all', 'nothing at all'],
])('%j is said for %j.', (said, digits) => {
  expect(digitsOf(said)).toBe(digits);
});
