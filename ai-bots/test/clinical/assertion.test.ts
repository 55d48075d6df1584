/** How mentions are meant: scopes and their ends, words that only look like a denial, relatives, answers, acronyms, allergies. */
import { describe, expect, test } from '@jest/globals';
import { extractEntities, parseTranscript } from '../../clinical/index.ts';
import { embeddedCodeProvider } from '../../provider/embedded/code.ts';
import { inShort } from '../support/entity.ts';

const extracted = (dialogue: string): string[] =>
  extractEntities(parseTranscript(dialogue, 'text/plain')).map((entity) => inShort(entity));

const scopes: [said: string, found: string[]][] = [
  ['Patient: She denies chest pain but has a cough.', ['chest pain -', 'cough']],
  [
    'Patient: No fever, chills, nausea, vomiting, or diarrhea.',
    ['fever -', 'chills -', 'nausea -', 'vomiting -', 'diarrhea -'],
  ],
  ['Patient: I have everything except a fever: cough and chills.', ['fever', 'cough', 'chills']],
  ['Patient: No, I have a headache.', ['headache']],
  ['Patient: I am not taking anything for my asthma.', ['asthma']],
  ['Patient: The ibuprofen does not help my headache.', ['ibuprofen', 'headache']],
  ['Patient: I cannot climb stairs without shortness of breath.', ['shortness of breath']],
  ['Patient: I have never had this rash before.', ['rash']],
  ['Patient: There is no change in the cough and my headache is worse.', ['cough', 'headache']],
  ['Doctor: I do not think it is pneumonia.', ['pneumonia -']],
  ['Doctor: Pneumonia cannot be ruled out.', ['pneumonia ?']],
  ['Doctor: Fever and cough are gone.', ['fever -', 'cough -']],
  ['Doctor: This is probably bronchitis.', ['bronchitis ?']],
  ['Doctor: You had an asthma attack because of a cold.', ['asthma exacerbation', 'common cold']],
  ['Doctor: Past medical history of gout; presents with knee pain.', ['gout p', 'knee pain']],
  ['Patient: I had chickenpox and measles when I was a kid.', ['chickenpox p', 'measles p']],
  ['Patient: I have a two week history of dizziness.', ['dizziness']],
  ['Patient: My brother died of a heart attack and I have diabetes.', ['heart attack f', 'diabetes']],
  ['Patient: My mother passed away. She had lung cancer.', ['lung cancer f']],
  ['Doctor: What runs in your family?\nPatient: Stroke and glaucoma.', ['stroke f', 'glaucoma f']],
  ['Mother: My son has a fever.\nDoctor: Does your son have a cough?\nMother: Yes.', ['fever', 'cough']],
  ['Patient: My friend has covid.', ['covid-19 f']],
];

describe('By the words around it, extracted is', () => {
  test.each(scopes)('%j', (said, found) => {
    expect(extracted(said)).toEqual(found);
  });
});

const answers: [said: string, found: string[]][] = [
  ['Doctor: Any chest pain?\nPatient: Yeah, a bit.', ['chest pain']],
  ['Doctor: Any chest pain? Any palpitations?\nPatient: No.', ['chest pain -', 'palpitations -']],
  ['Doctor: Any chest pain or palpitations?\nPatient: Yes.', []],
  ['Doctor: Any chest pain or palpitations?\nPatient: Yes, both.', ['chest pain', 'palpitations']],
  ['Doctor: You have asthma, right?\nPatient: Yes.', ['asthma']],
  ['Doctor: You have asthma, right?\nPatient: No.', ['asthma -']],
  ['Doctor: No wheezing, correct?\nPatient: Yes.', ['wheezing -']],
  ['Doctor: Are your hemorrhoids painful?\nPatient: No.', ['pain -']],
  ['Doctor: Are you taking anything for your asthma?\nPatient: No.', []],
  ['Doctor: How long have you had the cough?\nPatient: Three weeks.', []],
  ['Doctor: You have a little edema in your legs, okay?\nPatient: Okay.', ['leg swelling']],
];

describe('By its answer, extracted is', () => {
  test.each(answers)('%j', (said, found) => {
    expect(extracted(said)).toEqual(found);
  });
});

const words: [said: string, found: string[]][] = [
  ['Patient: I have MS.', ['multiple sclerosis']],
  ['Patient: I saw Ms Cooper, it is for us or as needed.', []],
  ['Patient: I have RA and G E R D.', ['rheumatoid arthritis', 'gerd']],
  ['Patient: The era was sore and the parade too.', []],
  ['Patient: I have kidney-stones and UTIs.', ['kidney stones', 'urinary tract infection']],
  ['Patient: I have swelling in my, my legs.', ['leg swelling']],
  ['Patient: My nervous system is fine, I drank a cold drink at the gas station.', []],
  ['Patient: I have lost twenty five pounds.', ['weight loss']],
  ['Patient: I take a water pill and had the stomach flu.', ['water pill', 'gastroenteritis']],
  [
    'Patient: I am allergic to penicillin, sulfa and peanuts.',
    ['allergy to penicillin', 'allergy to sulfa drugs', 'allergy to peanuts'],
  ],
  ['Patient: I am not allergic to latex but I like peanuts.', ['allergy to latex -']],
  [
    'Doctor: Do you have any allergies?\nPatient: Codeine and cats.',
    ['allergy to codeine', 'allergy to cats'],
  ],
  ['Doctor: The vitamin D level was low.', ['vitamin d level']],
];

describe('By its own form, extracted is', () => {
  test.each(words)('%j', (said, found) => {
    expect(extracted(said)).toEqual(found);
  });
});

test.each([
  ['You have leukemia.', 'C95.90'],
  ['You have chronic lymphocytic leukemia.', undefined],
  ['You have severe asthma.', undefined],
  ['You have depression in remission.', undefined],
  ['You have severe aortic stenosis.', 'I35.0'],
])('%s has the code %s.', (said, code) => {
  expect(extractEntities(parseTranscript(`Doctor: ${said}`, 'text/plain'))[0]?.concepts[0]?.code).toBe(code);
});

test('A narrowed disease is told in its own words, so that no later stage codes it as the wider one.', async () => {
  const entities = extractEntities(
    parseTranscript('Doctor: You have chronic lymphocytic leukemia.', 'text/plain'),
  );
  expect(entities.map(({ text }) => text)).toEqual(['chronic lymphocytic leukemia']);
  const { output } = await embeddedCodeProvider.run({ entities }, new AbortController().signal);
  expect(output[0]?.concepts).toEqual([]);
});
