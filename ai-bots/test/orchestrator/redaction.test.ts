/** Identifiers are found as they are written and said, nothing known remains, and restoring gives the very text back. */
import type { Patient, Practitioner } from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import { identifiersOf, type Person } from '../../orchestrator/redact/identifiers.ts';
import { redactInput } from '../../orchestrator/redact/redact-input.ts';
import { createRedaction } from '../../orchestrator/redact/redaction.ts';

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p-4711-abc',
  name: [
    { given: ['José', 'William'], family: "O'Hara-Müller" },
    { use: 'nickname', text: 'Billy' },
  ],
  birthDate: '1970-05-04',
  telecom: [
    { system: 'phone', value: '+1 (555) 201-4477' },
    { system: 'email', value: 'jose.ohara@example.org' },
  ],
  address: [{ line: ['42 Maple Hollow Road'], city: 'Springfield', postalCode: '02139' }],
  identifier: [{ value: 'MRN-00-88-17' }],
};
const doctor: Practitioner = {
  resourceType: 'Practitioner',
  name: [{ prefix: ['Dr.'], given: ['Grace'], family: 'Will' }],
};
const people: readonly Person[] = [patient, doctor];
const redact = (text: string): string => createRedaction(identifiersOf(people)).redact(text);

describe('Redaction', () => {
  test.each([
    ['Hi José, I am Dr. Will.', 'Hi [NAME-1], I am Dr. [NAME-2].'],
    ['jose william o hara müller is here', '[NAME-1] is here'],
    ["Billy's knee hurts, says Mrs. Unknown.", "[NAME-1]'s knee hurts, says Mrs. [NAME-2]."],
    [
      'born May 4th, 1970, or 05/04/70, or the fourth of may nineteen seventy',
      'born [DATE-1], or [DATE-2], or [DATE-3]',
    ],
    [
      'born five four nineteen seventy, oh five oh four seventy, or four, five, 1970',
      'born [DATE-1], [DATE-2], or [DATE-3]',
    ],
    ['Call 555-201-4477 or two oh one four four seven seven.', 'Call [PHONE-1] or [PHONE-2].'],
    ['Mail jose.ohara@example.org or me at example dot com', 'Mail [EMAIL-1] or [EMAIL-2]'],
    ['I live at 42 Maple Hollow Road, Springfield 02139.', 'I live at [ADDRESS-1], [ADDRESS-2] [ADDRESS-3].'],
    ['MRN 00 88 17, social security number 123-45-6789', '[ID-1], social security number [ID-2]'],
    ['See https://portal.example/p?id=1 please', 'See [URL-1] please'],
    ['My name is Ada Byron and I cough.', 'My name is [NAME-1] and I cough.'],
  ])('of "%s"', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([
    [{ family: "O'Brien" }, 'obrien'],
    [{ family: 'Van der Berg' }, 'Vanderberg'],
    [{ given: ['Anne-Marie'] }, 'annemarie'],
    [{ text: "Sean O'Casey" }, 'Ocasey'],
  ])('of the name %j written as one word.', (name, word) => {
    const redaction = createRedaction(identifiersOf([{ resourceType: 'Patient', name: [name] }]));
    expect(redaction.redact(`Here is ${word}.`)).toBe('Here is [NAME-1].');
  });

  test('leaves words that are names as well where they are written as words.', () => {
    expect(redact('I will take 10 mg of lisinopril with grace.')).toBe(
      'I will take 10 mg of lisinopril with grace.',
    );
  });

  test('leaves doses, blood pressures and spoken numbers.', () => {
    const text =
      'Blood pressure 132 over 80, metformin 1000 mg, one thirty two over eighty, on 12 tablets, five four times.';
    expect(redact(text)).toBe(text);
  });

  test('gives the same words the same placeholder, and restores what a model sends back.', () => {
    const redaction = createRedaction(identifiersOf(people));
    expect(redaction.redact('José and José')).toBe('[NAME-1] and [NAME-1]');
    expect(redaction.restore('Seen: [name-1], [NAME-9]')).toBe('Seen: José, [NAME-9]');
  });
});

/** The same numbers from the same seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const PIECES = [
  ...['José', 'jose', 'JOSÉ WILLIAM', "O'Hara-Müller", 'billy', 'Grace Will', 'Will', 'will', 'Springfield'],
  ...[
    '5/4/1970',
    'May 4',
    'nineteen seventy',
    '+1 (555) 201-4477',
    'five five five two oh one four four seven seven',
  ],
  ...[
    'jose.ohara@example.org',
    '42 Maple Hollow Road',
    '02139',
    'MRN-00-88-17',
    '008817',
    '123-45-6789',
    '[NAME-1]',
  ],
  ...[
    '[',
    ']',
    '-1]',
    '[NAME',
    '[TEXT-1]',
    '[name-2]',
    'p-4711-abc',
    'www.example.org/x',
    '\n',
    '  ',
    '.',
    ',',
    "'s",
  ],
  ...['takes', 'lisinopril 10 mg', 'denies chest pain', '132/80', 'Dr.', 'my name is', 'é', '日本', '👍🏽'],
];

test('Whatever is put together: restoring gives the text back, and no known identifier remains.', () => {
  for (let seed = 1; seed <= 800; seed += 1) {
    const random = randomFrom(seed);
    const parts = Array.from({ length: 1 + random(12) }, () => PIECES[random(PIECES.length)] ?? '');
    const text = parts.join(random(4) === 0 ? '' : ' ');
    const redaction = createRedaction(identifiersOf(people));
    const redacted = redaction.redact(text);
    expect(redaction.restore(redacted)).toBe(text);
    expect([seed, redacted, redaction.leaks(redacted, false)]).toEqual([seed, redacted, false]);
  }
});

describe('The input of a stage', () => {
  const input = {
    transcript: {
      segments: [{ id: 'c1', speaker: 'José', role: 'patient', text: 'I am José, born 5/4/1970.' }],
    },
    patient: { gender: 'male', name: 'José William', birthDate: '1970-05-04' },
  };

  test('loses name and birth date of the patient, and keeps what links it to the output.', () => {
    const redacted = redactInput(input, identifiersOf(people));
    expect(redacted?.input).toEqual({
      transcript: {
        segments: [{ id: 'c1', speaker: '[NAME-1]', role: 'patient', text: 'I am [NAME-1], born [DATE-1].' }],
      },
      patient: { gender: 'male' },
    });
    const note = { sections: [{ sentences: [{ text: '[NAME-1] was born [DATE-1].', source: ['c1'] }] }] };
    expect(redacted?.restore(note).sections[0]?.sentences[0]?.text).toBe('José was born 5/4/1970.');
  });

  test('is not sent when a link itself holds a name.', () => {
    const named = { transcript: { segments: [{ id: 'jose-1', text: 'Hello' }] } };
    expect(redactInput(named, identifiersOf(people))).toBeUndefined();
  });
});
