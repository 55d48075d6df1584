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
      Subjective: ['Patient reports a cough for three days.', 'Denies fever.'],
      Objective: ['Lungs are clear.', 'Blood pressure is 150 over 95.'],
      Assessment: ['Likely bronchitis.'],
      Plan: ['Start lisinopril 10 mg.', 'Come back in two weeks.'],
    },
  ],
  [
    'Labels, capitals and punctuation may be missing.',
    `i have a bad headache
any nausea or vomiting
no but i feel dizzy when i stand up
okay i'd like to get some blood work`,
    {
      Subjective: [
        'Patient reports a bad headache.',
        'Denies nausea or vomiting.',
        'Patient feels dizzy when she stands up.',
      ],
      Plan: ['Get some blood work.'],
    },
  ],
  [
    'Later mentions of the patient are pronouns.',
    'Patient: My knee hurts when I climb stairs. I took ibuprofen because it kept me awake.',
    {
      Subjective: [
        "Patient's knee hurts when she climbs stairs.",
        'Patient took ibuprofen because it kept her awake.',
      ],
    },
  ],
  ['A yes to several things affirms none of them.', 'Doctor: Any nausea or vomiting?\nPatient: Yes.', {}],
  [
    'A yes to one thing affirms it.',
    'Doctor: Do you have chest pain?\nPatient: Yeah.',
    { Subjective: ['Reports chest pain.'] },
  ],
  [
    'An answer that opens with "I have" does not affirm the question.',
    'Doctor: Any fever?\nPatient: I have a cough.',
    { Subjective: ['Patient reports a cough.'] },
  ],
  [
    'A named condition after the examination is an assessment.',
    'Doctor: On exam you have tenderness over the left ribs. This is likely costochondritis.',
    {
      Objective: ['On exam patient has tenderness over the left ribs.'],
      Assessment: ['This is likely costochondritis.'],
    },
  ],
  [
    'A question of one thing lends its words to the answer.',
    'Doctor: Shortness of breath?\nPatient: A little when I walk upstairs.',
    { Subjective: ['Shortness of breath: A little when patient walks upstairs.'] },
  ],
  [
    'A habit is answered in words.',
    'Doctor: Do you smoke?\nPatient: No.',
    { Subjective: ['Patient does not smoke.'] },
  ],
  [
    'Short answers carry the topic of their question.',
    'Doctor: How long have you had chest pain?\nPatient: Two days.\nDoctor: Are you allergic to anything?\nPatient: Penicillin.',
    { Subjective: ['Duration of chest pain: Two days.', 'Allergies: Penicillin.'] },
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
    ['No fever, but yes to the cough.', ['Denies fever.', 'Reports cough.']],
    ['No, but I feel dizzy.', ['Denies fever or cough.', 'Patient feels dizzy.']],
    ['No, but a little cough.', ['Patient reports a little cough.']],
    ['No fever.', ['Denies fever.']],
  ])('An answer that makes an exception denies no more than it says: %s', (answer, expected) => {
    const transcript = parseTranscript(`Doctor: Any fever or cough?\nPatient: ${answer}`, 'text/plain');
    const seen = draftNote(transcript).sections.flatMap((s) => s.sentences.map(({ text }) => text));
    expect(seen).toEqual(expected);
  });

  test.each([
    ['I think you have bronchitis.', 'Likely bronchitis.'],
    ['I think this is acute bronchitis.', 'Likely acute bronchitis.'],
    ['You have gout.', 'Patient has gout.'],
  ])('What the clinician only thinks stays a supposition: %s', (said, expected) => {
    const transcript = parseTranscript(`Patient: I have a cough.\nDoctor: ${said}`, 'text/plain');
    const assessment = draftNote(transcript).sections.find((s) => s.title === 'Assessment');
    expect(assessment?.sentences.map((s) => s.text)).toEqual([expected]);
  });

  test('Sentences name the question and the answer that they come from.', () => {
    const transcript = parseTranscript('Doctor: Any fever?\nPatient: No.', 'text/plain');
    expect(draftNote(transcript).sections).toEqual([
      {
        code: '61150-9',
        title: 'Subjective',
        sentences: [{ id: 's1', text: 'Denies fever.', source: ['c1', 'c2'] }],
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
    expect(text).toBe(`Patient hurt ${possessive} knee when ${subject} stairs.`);
  });
});
