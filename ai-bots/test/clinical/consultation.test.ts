/** What is drafted from, and what is not. */
import { describe, expect, test } from '@jest/globals';
import { checkConsultation, parseTranscript } from '../../clinical/index.ts';

const check = (text: string) => checkConsultation(parseTranscript(text, 'text/plain'));

const NOT: readonly (readonly [what: string, text: string, reason: RegExp])[] = [
  ['a shopping list', 'milk eggs bread two pounds of butter some apples and a box of tea bags', /health/],
  [
    'a shopping list with things from the pharmacy',
    'milk, eggs, bread, ibuprofen, toothpaste, paper towels',
    /nobody speaks of a patient/,
  ],
  ['silence', '[silence] [music] (inaudible) um', /hardly a word/],
  [
    'a recording test',
    'testing testing one two three can you hear me is this thing on',
    /test of the microphone/,
  ],
  [
    'lorem ipsum',
    'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.',
    /filler text/,
  ],
  [
    'a telephone menu of a clinic',
    'Thank you for calling the clinic. Your call is important to us. For appointments, press one. To refill your medication, press two. If this is an emergency, hang up and dial 911.',
    /telephone menu/,
  ],
  [
    'a podcast about health',
    'Welcome back to the show. In this episode we talk about knee pain and arthritis with our guest, a surgeon. Do not forget to subscribe. This episode is brought to you by a mattress company. So, doctor, what should our listeners know about pain medication?',
    /broadcast/,
  ],
  [
    'a meeting about money',
    'so for the next quarter i think we should move the budget to marketing and you said that the numbers of the last campaign were not great but they were okay so my proposal is that we hire two more people and then look at it again in the spring when the new product is out and everybody has had some time with it and then we can decide if we want to do more of it or if you would rather have us stop and go back to what we had before because that was also fine in my view',
    /health/,
  ],
  ['the same words', 'my pain '.repeat(60), /over and over/],
  [
    'another language',
    'heute morgen bin ich mit dem zug nach hause gefahren und habe dort meinen bruder getroffen der gerade aus der stadt kam und viel zu erzählen hatte',
    /health|English/,
  ],
];

const IS: readonly (readonly [what: string, text: string])[] = [
  ['a short visit', 'Doctor: What brings you in?\nPatient: I have had a cough for three days.'],
  ['a question of social history', 'Doctor: Who will help you at home?\nPatient: My son.'],
  [
    'a visit without labels',
    'so what brings you in today my knee has been hurting for two weeks any swelling no',
  ],
  [
    'a dictation',
    'This is a 54 year old male with hypertension who presents with chest pain. Lungs are clear. Plan is to obtain an EKG.',
  ],
  [
    'a visit in which a podcast is named',
    'Doctor: How have you been sleeping?\nPatient: I listen to a podcast at night. My headache is better, and I take ibuprofen when it hurts.',
  ],
];

describe('checkConsultation', () => {
  test.each(NOT)('refuses %s, and says why.', (_what, text, reason) => {
    const { isConsultation, reason: said } = check(text);
    expect(isConsultation).toBe(false);
    expect(said).toMatch(reason);
  });

  test.each(IS)('lets %s pass.', (_what, text) => {
    expect(check(text)).toEqual({ isConsultation: true });
  });
});
