/** What is said with a medication, in Comprehend Medical's names. */
import { expect, test } from '@jest/globals';
import { extractEntities, parseTranscript } from '../../clinical/index.ts';

const attributes = (said: string): string[] => {
  const entities = extractEntities(parseTranscript(said, 'text/plain'));
  return entities
    .filter((e) => e.category === 'MEDICATION')
    .flatMap((e) => e.attributes.map((a) => `${a.type} ${a.text}`));
};

test.each<[string, string[]]>([
  ['Patient: I take metformin 500 mg twice a day.', ['STRENGTH 500 mg', 'FREQUENCY twice a day']],
  [
    'Patient: I take metformin five hundred milligrams BID.',
    ['STRENGTH five hundred milligrams', 'FREQUENCY BID'],
  ],
  [
    'Doctor: Take ibuprofen 600 mg by mouth every 6 hours as needed for 5 days.',
    ['STRENGTH 600 mg', 'ROUTE_OR_MODE by mouth', 'FREQUENCY every 6 hours as needed', 'DURATION for 5 days'],
  ],
  ['Doctor: One tablet of lisinopril at bedtime.', ['FREQUENCY at bedtime', 'DOSAGE One tablet']],
  [
    'Doctor: Use triamcinolone ointment twice daily for two weeks.',
    ['FORM ointment', 'FREQUENCY twice daily', 'DURATION for two weeks'],
  ],
  [
    'Doctor: Take two tablets of acetaminophen every six to eight hours.',
    ['FREQUENCY every six to eight hours', 'DOSAGE two tablets'],
  ],
  [
    'Doctor: I am putting you on fifty milligrams of ultram every six hours.',
    ['FREQUENCY every six hours', 'STRENGTH fifty milligrams'],
  ],
  [
    'Patient: I take lisinopril 20 mg daily and amlodipine 5 mg at night.',
    ['STRENGTH 20 mg', 'FREQUENCY daily', 'STRENGTH 5 mg', 'FREQUENCY at night'],
  ],
  ['Patient: I use albuterol two puffs as needed.', ['DOSAGE two puffs', 'FREQUENCY as needed']],
  [
    'Doctor: Start vancomycin at 100 ml per hour through an IV.',
    ['RATE 100 ml per hour', 'ROUTE_OR_MODE through an IV', 'STATUS started'],
  ],
  ['Doctor: We will start lisinopril 10 mg a day.', ['STRENGTH 10 mg', 'FREQUENCY a day', 'STATUS started']],
  ['Patient: I stopped taking sertraline.', ['STATUS stopped']],
  ['Doctor: Continue the Norvasc.', ['STATUS continued']],
  ['Doctor: I want to increase the Norvasc to 10 mg.', ['STRENGTH 10 mg', 'STATUS increased']],
  ['Patient: I have a cough and I take aspirin.', []],
])('%j has %j.', (said, expected) => {
  expect(attributes(said)).toEqual(expected);
});

test('A brand and its ingredient have the same RxNorm code, which is the ingredient’s.', () => {
  const concepts = ['metformin', 'Glucophage'].map(
    (name) => extractEntities(parseTranscript(`Patient: I take ${name}.`, 'text/plain'))[0],
  );
  expect(concepts.map((e) => [e?.type, e?.concepts[0]?.code])).toEqual([
    ['GENERIC_NAME', '6809'],
    ['BRAND_NAME', '6809'],
  ]);
});
