/** Short visits and the notes that they give. */
import { describe, expect, test } from '@jest/globals';
import { draftNote, parseTranscript } from '../../clinical/index.ts';

type Row = readonly [title: string, dialogue: string, note: Readonly<Record<string, readonly string[]>>];

const TABLE: readonly Row[] = [
  [
    'A visit for a cough fills all four sections.',
    `Doctor: Hi, what brings you in today?
Patient: I've had a cough for three days.
Doctor: Any fever?
Patient: No.
Doctor: Your lungs are clear. Blood pressure is 150 over 95.
Doctor: I think you have bronchitis. I'm going to start you on lisinopril 10 mg. Come back in two weeks.
Patient: Thank you, I will.`,
    {
      'History of present illness': ['The patient reports a cough for 3 days.', 'She denies fever.'],
      'Physical exam': ['Lungs are clear.', 'Blood pressure is 150/95.'],
      Assessment: ['Likely bronchitis.'],
      Plan: ['Start lisinopril 10 mg.', 'Come back in 2 weeks.'],
    },
  ],
  [
    'Labels, capitals and punctuation may be missing.',
    `i have a bad headache
any nausea or vomiting
no but i feel dizzy when i stand up
okay i'd like to get some blood work`,
    {
      'History of present illness': [
        'The patient reports a bad headache.',
        'She denies nausea or vomiting.',
        'The patient feels dizzy when she stands up.',
      ],
      Plan: ['Get some blood work.'],
    },
  ],
  [
    'Later mentions of the patient are pronouns.',
    'Patient: My knee hurts when I climb stairs. I took ibuprofen because it kept me awake.',
    {
      'History of present illness': [
        "The patient's knee hurts when she climbs stairs.",
        'The patient took ibuprofen because it kept her awake.',
      ],
    },
  ],
  ['A yes to several things affirms none of them.', 'Doctor: Any nausea or vomiting?\nPatient: Yes.', {}],
  [
    'A yes to one thing affirms it.',
    'Doctor: Do you have chest pain?\nPatient: Yeah.',
    { 'History of present illness': ['Reports chest pain.'] },
  ],
  [
    'An answer that opens with "I have" does not affirm the question.',
    'Doctor: Any fever?\nPatient: I have a cough.',
    { 'History of present illness': ['The patient reports a cough.'] },
  ],
  [
    'A named condition after the examination is an assessment.',
    'Doctor: On exam you have tenderness over the left ribs. This is likely costochondritis.',
    {
      'Physical exam': ['On exam the patient has tenderness over the left ribs.'],
      Assessment: ['This is likely costochondritis.'],
    },
  ],
  [
    'A question of one thing lends its words to the answer.',
    'Doctor: Shortness of breath?\nPatient: A little when I walk upstairs.',
    { 'History of present illness': ['Shortness of breath: A little when the patient walks upstairs.'] },
  ],
  [
    'A habit is answered in words.',
    'Doctor: Do you smoke?\nPatient: No.',
    { 'Social history': ['The patient does not smoke.'] },
  ],
  [
    'Short answers carry the topic of their question.',
    'Doctor: How long have you had chest pain?\nPatient: Two days.\nDoctor: Are you allergic to anything?\nPatient: Penicillin.',
    {
      'History of present illness': ['Duration of chest pain: 2 days.'],
      Allergies: ['Allergies: Penicillin.'],
    },
  ],
  ['Small talk gives no note.', 'Doctor: Hi, how are you?\nPatient: Good, thanks. Nice weather.', {}],
];

describe('draftNote', () => {
  test.each(TABLE)('%s', (_title, dialogue, note) => {
    const drafted = draftNote(parseTranscript(dialogue, 'text/plain'), { patient: { gender: 'female' } });
    const seen = drafted.sections.map((s) => [s.title, s.sentences.map(({ text }) => text)]);
    expect(Object.fromEntries(seen)).toEqual(note);
  });

  test.each([
    ['No fever, but yes to the cough.', ['The patient denies fever.', 'Reports cough.']],
    ['No, but I feel dizzy.', ['The patient denies fever or cough.', 'The patient feels dizzy.']],
    ['No, but a little cough.', ['The patient reports a little cough.']],
    ['No fever.', ['The patient denies fever.']],
  ])('An answer that makes an exception denies no more than it says: %s', (answer, expected) => {
    const transcript = parseTranscript(`Doctor: Any fever or cough?\nPatient: ${answer}`, 'text/plain');
    const seen = draftNote(transcript).sections.flatMap((s) => s.sentences.map(({ text }) => text));
    expect(seen).toEqual(expected);
  });

  test.each([
    ['I think you have bronchitis.', 'Likely bronchitis.'],
    ['I think this is acute bronchitis.', 'Likely acute bronchitis.'],
    ['You have gout.', 'The patient has gout.'],
  ])('What the clinician only thinks stays a supposition: %s', (said, expected) => {
    const transcript = parseTranscript(`Patient: I have a cough.\nDoctor: ${said}`, 'text/plain');
    const assessment = draftNote(transcript).sections.find((s) => s.title === 'Assessment');
    expect(assessment?.sentences.map((s) => s.text)).toEqual([expected]);
  });

  test.each([
    ['hey dragon , order methotrexate , 2.5 mg once weekly . Continue lisinopril 20 mg.', '5 mg'],
    ['Your temperature is ninety eight . four .', 'is 98.'],
    ['Your blood pressure is one thirty two over eighty.', '32/80'],
  ])('No part of a number is taken for the number: %s', (said, wrong) => {
    const note = draftNote(parseTranscript(`Patient: I have a cough.\nDoctor: ${said}`, 'text/plain'));
    const texts = note.sections.flatMap((s) => s.sentences.map(({ text }) => ` ${text}`));
    expect(texts.filter((text) => text.includes(` ${wrong}`) && !text.includes('98.4'))).toEqual([]);
  });

  test.each([
    ['one thirty two over eighty', '132/80'],
    ['a hundred and eighteen over seventy five', '118/75'],
    ['one twenty eight over seventy two', '128/72'],
  ])('Spoken values are written in digits: %s', (said, digits) => {
    const note = draftNote(parseTranscript(`Doctor: Your blood pressure is ${said}.`, 'text/plain'));
    expect(note.sections.map((s) => s.sentences.map(({ text }) => text))).toEqual([
      [`Blood pressure is ${digits}.`],
    ]);
  });

  test('Sentences name the question and the answer that they come from.', () => {
    const transcript = parseTranscript('Doctor: Any fever?\nPatient: No.', 'text/plain');
    expect(draftNote(transcript).sections).toEqual([
      {
        code: '10164-2',
        title: 'History of present illness',
        sentences: [{ id: 's1', text: 'The patient denies fever.', source: ['c1', 'c2'] }],
      },
    ]);
  });

  test.each([
    ['male', 'he climbs', 'his'],
    ['female', 'she climbs', 'her'],
    ['unknown', 'they climb', 'their'],
  ] as const)('Pronouns of gender %s.', (gender, subject, possessive) => {
    const transcript = parseTranscript('Patient: I hurt my knee when I climb stairs.', 'text/plain');
    const text = draftNote(transcript, { patient: { gender } }).sections[0]?.sentences[0]?.text;
    expect(text).toBe(`The patient hurt ${possessive} knee when ${subject} stairs.`);
  });
});
