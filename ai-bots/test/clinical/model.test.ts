/** Training, storing and loading of the embedded models. */
import { describe, expect, test } from '@jest/globals';
import { decode, encode, trained } from '../../clinical/model/index.ts';
import { draftNote, parseTranscript } from '../../clinical/index.ts';
import { train, type Visit } from '../../training/index.ts';

const visit = (symptom: string, drug: string): Visit => ({
  dialogue: `Doctor: What brings you in today?
Patient: I have had ${symptom} for three days.
Doctor: Any fever?
Patient: No.
Doctor: Your lungs are clear. I am going to start you on ${drug}.
Patient: Nice weather today.`,
  note: `CHIEF COMPLAINT\n\n${symptom}.\n\nThe patient reports ${symptom} for 3 days. She denies fever.\n\nPHYSICAL EXAM\n\nLungs are clear.\n\nPLAN\n\nStart ${drug}.`,
  gender: 'female',
});
const visits = [visit('a cough', 'amoxicillin'), visit('back pain', 'ibuprofen'), visit('a rash', 'a cream')];
const pieces: Visit[] = [
  ['Doctor: Any allergies?\nPatient: Penicillin.', 'Penicillin.', 'ALLERGY'],
  ['Doctor: Do you smoke?\nPatient: No.', 'Does not smoke.', 'FAM/SOCHX'],
].map(([dialogue = '', note = '', header = '']) => ({ dialogue, note, header, gender: 'unknown' }));
const small = (): string => encode(train({ visits, pieces }));

describe('The artefact', () => {
  test('is the same, byte by byte, when the same texts are learnt again.', () => {
    expect(small()).toBe(small());
  });

  test('differs when other texts are learnt.', () => {
    expect(encode(train({ visits: visits.slice(1), pieces }))).not.toBe(small());
  });

  test('drafts the same note after it was stored and loaded.', () => {
    const model = train({ visits, pieces });
    const transcript = parseTranscript(visits[0]?.dialogue ?? '', 'text/plain');
    expect(draftNote(transcript, { model: decode(encode(model)) })).toEqual(draftNote(transcript, { model }));
  });

  test('is refused when a byte of it changed.', () => {
    expect(() => decode(small().replace('"bias": ', '"bias": 1'))).toThrow('checksum');
  });

  test('is refused when its format is another.', () => {
    expect(() => decode(small().replace('dr-assistant-clinical/', 'dr-assistant-clinical/9'))).toThrow(
      'format',
    );
  });

  test('holds none of the words that it was trained on.', () => {
    expect(small()).not.toMatch(/amoxicillin|cough|Nice weather/);
  });

  test('that comes with the program loads and says what it was trained on.', () => {
    expect(trained().data.map(({ name }) => name)).toEqual(['ACI-BENCH train', 'MTS-Dialog training']);
    expect(trained().headers.size).toBe(20);
  });
});
