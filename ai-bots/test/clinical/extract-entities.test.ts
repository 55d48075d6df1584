/** What is extracted of a visit, and what is said about it. */
import { describe, expect, test } from '@jest/globals';
import { extractEntities, parseTranscript } from '../../clinical/index.ts';
import { inShort } from '../support/entity.ts';

const UNTOLD = ['FAMILY_MEMBER', 'STATUS'];

const extracted = (dialogue: string): string[] =>
  extractEntities(parseTranscript(dialogue, 'text/plain')).map((entity) => {
    const rest = entity.attributes.flatMap((a) => (UNTOLD.includes(a.type) ? [] : [a.text]));
    return inShort(entity, ...rest);
  });

const table: [said: string, found: string[]][] = [
  ['Patient: I have a fever.', ['fever']],
  ['Patient: I have no fever.', ['fever -']],
  ["Patient: I do n't have any chest pain .", ['chest pain -']],
  ['Patient: No cough, no chills.', ['cough -', 'chills -']],
  ['Patient: I deny nausea or vomiting.', ['nausea -', 'vomiting -']],
  ['Patient: I have not had diarrhea but I have been constipated.', ['diarrhea -', 'constipation']],
  ['Patient: No fever, however I have chills.', ['fever -', 'chills']],
  ['Patient: I am not sure if it is a cough.', ['cough ?']],
  ['Patient: There is no change in my headache.', ['headache']],
  ['Patient: The rash went away.', ['rash -']],
  ['Patient: My headache is gone.', ['headache -']],
  ['Doctor: You have high blood pressure.', ['hypertension']],
  ['Doctor: The strep test is negative for strep throat.', ['rapid strep test', 'strep throat -']],
  ['Doctor: There is no evidence of pneumonia.', ['pneumonia -']],
  ['Doctor: We have ruled out pneumonia.', ['pneumonia -']],
  ['Doctor: Pneumonia is ruled out.', ['pneumonia -']],
  ['Doctor: Call me if you get a fever.', ['fever ?']],
  ['Doctor: Watch out for dizziness.', ['dizziness ?']],
  ['Doctor: This could be pneumonia.', ['pneumonia ?']],
  ['Doctor: It lowers your risk of a stroke.', ['stroke ?']],
  ['Doctor: We will screen for diabetes.', ['diabetes ?']],
  ['Doctor: I want to rule out anemia.', ['anemia ?']],
  ['Patient: I am worried about cancer.', ['cancer ?']],
  ['Doctor: You need a vaccine for shingles.', ['shingles ?']],
  ['Patient: My mother had breast cancer.', ['breast cancer f']],
  ['Patient: My dad has type 2 diabetes.', ['type 2 diabetes f']],
  ["Patient: My grandmother on my mom's side had glaucoma.", ['glaucoma f']],
  ['Patient: I have a family history of asthma.', ['asthma f']],
  ['Patient: Heart failure runs in my family.', ['congestive heart failure f']],
  ['Patient: My brother does not have asthma.', ['asthma -f']],
  ['Patient: My mother had asthma and I have a cough.', ['asthma f', 'cough']],
  ['Patient: My wife says I snore.', ['snoring']],
  ['Patient: I have a history of migraines.', ['migraine p']],
  ['Patient: I used to have asthma.', ['asthma p']],
  ['Patient: I had pneumonia two years ago.', ['pneumonia p']],
  ['Patient: I had asthma as a kid.', ['asthma p']],
  ['Doctor: Any fever?\nPatient: No.', ['fever -']],
  ['Doctor: Any fever?\nPatient: Yes, since Monday.', ['fever']],
  ['Doctor: Any fever?\nPatient: The weather is nice.', []],
  ['Doctor: Any fever?', []],
  ['Doctor: Do you have nausea or vomiting?\nPatient: Uh, no, not really.', ['nausea -', 'vomiting -']],
  ["Doctor: You haven't had any chills?\nPatient: I have, yes.", ['chills']],
  ['Doctor: Any family history of colon cancer?\nPatient: Yeah, an uncle.', ['colon cancer f']],
  ['Doctor: How about a cough?\nPatient: A little.', ['cough']],
  ["Doctor: Have you had a headache ?\nPatient: I do n't think so.", ['headache -']],
  ['Patient: Could it be cancer?', []],
  ['Doctor: Stop ibuprofen and start acetaminophen.', ['ibuprofen -', 'acetaminophen']],
  ['Doctor: Any fever or cough?\nPatient: No fever, but yes to the cough.', ['fever -', 'fever -', 'cough']],
  ['Doctor: Any fever or cough?\nPatient: No, but I have chills.', ['fever -', 'cough -', 'chills']],
  ['Patient: I take metformin 500 mg twice a day.', ['metformin 500 mg twice a day']],
  [
    'Patient: I take lisinopril 20 milligrams daily and aspirin.',
    ['lisinopril 20 milligrams daily', 'aspirin'],
  ],
  ['Doctor: Take ibuprofen as needed for the pain.', ['ibuprofen as needed', 'pain']],
  ['Patient: I use albuterol two puffs every four hours.', ['albuterol two puffs every four hours']],
  ['Doctor: Take amoxicillin for ten days.', ['amoxicillin for ten days']],
  ['Patient: I stopped taking sertraline.', ['sertraline -']],
  ['Patient: I am not taking Lasix.', ['lasix -']],
  ['Patient: I am allergic to penicillin.', ['allergy to penicillin']],
  ['Patient: I am not allergic to penicillin.', ['allergy to penicillin -']],
  ['Patient: My mother takes warfarin.', ['warfarin f']],
  ['Patient: It is cold outside and I love my back garden.', []],
  ['Patient: I am short of breath.', ['shortness of breath']],
  ['Patient: I have been throwing up.', ['vomiting']],
  ['Patient: I have a sore throat and a stuffy nose.', ['sore throat', 'nasal congestion']],
  ['Patient: I had a UTI.', ['urinary tract infection']],
  ['Patient: I have been losing weight without trying.', ['weight loss']],
  ['Patient: I feel dizzy; no fainting.', ['dizziness', 'fainting -']],
  ['Doctor: Your blood pressure is 142 over 88.', ['blood pressure 142 over 88']],
  ['Doctor: Pulse of 76, temperature 38.2 celsius.', ['heart rate 76', 'temperature 38.2 celsius']],
  ['Doctor: Oxygen is 97 percent.', ['oxygen saturation 97 percent']],
  ['Patient: I weigh 180 pounds.', ['weight 180 pounds']],
  ['Doctor: Is your blood pressure 142 over 88?', []],
  ['I have had a cough for three days. No fever.', ['cough', 'fever -']],
];

describe('Extracted is', () => {
  test.each(table)('%j', (said, found) => {
    expect(extracted(said)).toEqual(found);
  });
});

test('An answered question has both turns as its source.', () => {
  const [entity] = extractEntities(parseTranscript('Doctor: Any fever?\nPatient: No.', 'text/plain'));
  expect(entity).toMatchObject({ source: ['c1', 'c2'], saidByClinician: false });
});

test('A spouse’s illness is left in doubt, so that nobody gets it.', () => {
  const [entity] = extractEntities(parseTranscript('Patient: My wife has asthma.', 'text/plain'));
  expect(entity?.traits).toContainEqual({ name: 'LOW_CONFIDENCE' });
});

test('A diagnosis keeps who said it and its code.', () => {
  const [entity] = extractEntities(parseTranscript('Doctor: You have gout.', 'text/plain'));
  expect(entity).toMatchObject({ saidByClinician: true, concepts: [{ code: 'M10.9' }] });
  expect(entity?.traits).toContainEqual({ name: 'DIAGNOSIS' });
});

test('A relative is named as he was.', () => {
  const [entity] = extractEntities(parseTranscript('Patient: My aunt has lupus.', 'text/plain'));
  expect(entity?.attributes).toContainEqual({ type: 'FAMILY_MEMBER', text: 'aunt' });
});
