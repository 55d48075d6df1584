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
  // The verb is denied, not what it acts upon.
  ['Doctor: So the tablets did not improve the pain.', ['pain']],
  ['Patient: The ibuprofen has not really been helping my headaches.', ['ibuprofen', 'headache']],
  ['Patient: I cannot quite bend it and there is swelling.', ['swelling']],
  ['Patient: I have not been able to walk much, the back pain is severe.', ['back pain']],
  ['Patient: We never really figured out the cause of the rash.', ['rash']],
  ['Doctor: If they do not improve we can consider a steroid injection.', ['steroid injection ?']],
  ['Patient: I cannot recall a fever or any kind of rash.', ['fever -', 'rash -']],
  ['Doctor: You are not running a fever.', ['fever -']],
  // An opinion is denied with its verb.
  ["Patient: I don't think I've had any tingling.", ['tingling -']],
  ['Doctor: I do not believe that you have pneumonia.', ['pneumonia -']],
  ['Doctor: We do an x-ray to make sure that you do not have pneumonia.', ['x-ray', 'pneumonia ?']],
  // A negative test was done, and a drug without problems is taken.
  ['Doctor: The strep test was negative.', ['rapid strep test']],
  ['Doctor: The chest x-ray was negative for pneumonia.', ['chest x-ray', 'pneumonia -']],
  ['Doctor: The lymph nodes were negative for malignancy.', ['cancer -']],
  ['Patient: I have had no problems with the metformin.', ['metformin']],
  ['Patient: I have no issues with constipation.', ['constipation -']],
  // Where a denial ends.
  ['Patient: No numbness, a little tingling.', ['numbness -', 'tingling']],
  ['Patient: No numbness or mild tingling.', ['numbness -', 'tingling -']],
  ['Doctor: I appreciate no masses on exam i do appreciate a murmur.', ['lump -', 'heart murmur']],
  ["Patient: I don't have quite as much shortness of breath.", ['shortness of breath']],
  ['Doctor: No swelling of the knee and your cough is better.', ['knee swelling -', 'cough']],
  ['Doctor: There is no, uh, there is no, um, fracture.', ['fracture -']],
  ['Patient: There were no complications during my pregnancy.', ['pregnancy']],
  [
    'Patient: They gave me an antibiotic that I have never heard of and a probiotic.',
    ['antibiotic', 'probiotic'],
  ],
  ['Doctor: I see no change in the skin there, no rashes.', ['skin changes -', 'rash -']],
  ['Doctor: The risks include but are not limited to bleeding.', ['bleeding ?']],
  ['Patient: I am not sure, because I am still bleeding.', ['bleeding']],
  ['Doctor: I am afraid the reports confirm cancer.', ['cancer']],
  // Denials behind.
  ['Patient: Chest pain, no, but I do get heartburn.', ['chest pain -', 'heartburn']],
  ['Doctor: She is pain free.', ['pain -']],
  ['Patient: I am never pain free.', ['pain']],
  ['Patient: The headaches are no longer an issue.', ['headache -']],
  ["Patient: I can't take the pain.", ['pain']],
  ["Patient: I can't take ibuprofen.", ['ibuprofen -']],
  ['Patient: It is hard for me to stand up without pain.', ['pain']],
  ['Doctor: no no i never had problems with allergies', ['allergy -']],
  ['Patient: I have no issues with my asthma.', ['asthma']],
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
  ['Doctor: Any chest pain?\nPatient: Thankfully, no.', ['chest pain -']],
  ['Doctor: Any chest pain?\nPatient: Yeah, no.', ['chest pain -']],
  ["Doctor: Any seizures?\nPatient: I've never had one.", ['seizure -']],
  ["Doctor: Any chest pain?\nPatient: I don't know.", []],
  ["Doctor: Any chest pain?\nPatient: I'm not sure.", []],
  ['Doctor: Any chest pain?\nPatient: No idea.', []],
  ['Doctor: Could you tell me if there was any fever or chills?\nPatient: No.', ['fever -', 'chills -']],
  // To a question that denies, agreeing denies.
  ['Doctor: So no fevers?\nPatient: Correct.', ['fever -']],
  ["Doctor: You haven't had any fevers?\nPatient: That's right.", ['fever -']],
  ['Doctor: No chest pain?\nPatient: I do sometimes.', ['chest pain']],
  ['Doctor: No chest pain?\nPatient: Yeah.', []],
  ["Doctor: You don't have diabetes, do you?\nPatient: No.", ['diabetes -']],
  // What is excepted or only the circumstance is not asked about.
  ['Doctor: Besides the pain in your eye, any other problems?\nPatient: No.', []],
  ['Doctor: Have you had any weakness other than in January?\nPatient: No.', []],
  ['Doctor: Other than that, any fever?\nPatient: No.', ['fever -']],
  ['Doctor: Did you have a rash while you were pregnant?\nPatient: No.', ['rash -']],
  ['Doctor: Has the ibuprofen helped at all?\nPatient: Not really.', []],
  ["Doctor: Did anyone in your family have dementia?\nPatient: Not that I'm aware of.", ['dementia f-']],
  // Said again in the answer.
  [
    'Doctor: How about heart disease?\nPatient: No, no heart disease.',
    ['heart disease -', 'heart disease -'],
  ],
  ['Doctor: Feeling tired or fatigued?\nPatient: Yes, very much.', ['fatigue', 'fatigue']],
  ['Doctor: Do you know what type of skin cancer she had?\nPatient: No idea.', []],
  ['Doctor: Does anybody have heart disease?\nPatient: No.', ['heart disease f-']],
  ['Patient: Yes, I had an MRI not too long ago, can you take a look?', ['mri']],
  // Answered in one breath.
  ['Patient: Fever? No. Chills? No. I have a cough.', ['fever -', 'chills -', 'cough']],
  [
    'Doctor: okay and do you have any pain in your foot no no no pain at all okay now i know you are diabetic\nPatient: yes',
    ['foot pain -', 'pain -', 'diabetes'],
  ],
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
  ['Doctor: You have burning when you pee.', ['burning urination']],
  ['Patient: I have cold or flu-like symptoms.', ['cold symptoms']],
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
