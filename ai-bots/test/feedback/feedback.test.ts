/** From a draft and a signed note to labels, and from labels to a model that learnt them. */
import { describe, expect, test } from '@jest/globals';
import { draftNote, parseTranscript } from '../../clinical/index.ts';
import { hidden, labelled, type StructuredNote } from '../../feedback/index.ts';
import { rouge1 } from '../../scripts/evaluate-rouge.ts';
import { compare, parseFeedback, train, type FeedbackVisit, type Visit } from '../../training/index.ts';

const note = (...sentences: [id: string, text: string][]): StructuredNote => ({
  sections: [{ code: '10164-2', sentences: sentences.map(([id, text]) => ({ id, text, source: ['c1'] })) }],
});

describe('Labels', () => {
  test('say of each sentence whether it was kept, changed, removed or added by hand.', () => {
    const draft = note(['s1', 'A cough.'], ['s2', 'A rash.'], ['s3', 'Fever.'], ['s4', 'Chills.']);
    const signed = note(['s1', 'A cough.'], ['s2', 'A red rash.'], ['s4', ' '], ['added-1', 'Smokes.']);
    expect(labelled(draft, signed).map(({ label, text, signed: now }) => [label, text, now])).toEqual([
      ['kept', 'A cough.', undefined],
      ['changed', 'A rash.', 'A red rash.'],
      ['removed', 'Fever.', undefined],
      ['removed', 'Chills.', undefined],
      ['added', 'Smokes.', undefined],
    ]);
  });

  test('hide identifiers in every text.', () => {
    const visit: FeedbackVisit = {
      version: 1,
      gender: 'female',
      segments: [{ id: 'c1', text: 'hi Maria' }],
      sentences: [
        { section: 'x', text: 'Maria coughs.', signed: 'Maria sneezes.', source: ['c1'], label: 'changed' },
      ],
    };
    expect(JSON.stringify(hidden(visit, (text) => text.replace('Maria', '[NAME]')))).not.toContain('Maria');
  });

  test('are read from NDJSON, and a line that is none is named.', () => {
    const line = JSON.stringify({ version: 1, gender: 'unknown', segments: [], sentences: [] });
    expect(parseFeedback(`${line}\n\n${line}\n`)).toHaveLength(2);
    expect(() => parseFeedback(`${line}\n{"version": 2}`)).toThrow('Line 2');
    expect(() => parseFeedback('no JSON')).toThrow('Line 1');
  });
});

const SYMPTOMS = ['cough', 'rash', 'headache', 'fever', 'dizziness', 'nausea'];
/** Long enough for the selector to choose; clinicians always strike out what is said of the dog. */
const dialogue = (i: number): string =>
  SYMPTOMS.map(
    (symptom, k) => `Doctor: Tell me more.
Patient: I have had a ${symptom} for ${i + k + 2} days now. My dog has had a ${symptom} for ${i + k + 3} days now. I took ${k + 2} pills for the ${symptom} on day ${i + 2}.`,
  ).join('\n');

const visits: Visit[] = [0, 1, 2].map((i) => ({
  dialogue: dialogue(i),
  note: SYMPTOMS.map((s, k) => `The patient reports a ${s} for ${i + k + 2} days. Her dog has had a ${s} for ${i + k + 3} days. She took pills for the ${s}.`).join('\n'), // prettier-ignore
  gender: 'female',
}));
const pieces: Visit[] = ['ALLERGY', 'ROS'].map((header, i) => ({
  dialogue: `Doctor: Any ${i === 0 ? 'allergies' : 'cough'}?\nPatient: No.`,
  note: 'None.',
  gender: 'unknown',
  header,
}));
const plain = train({ visits, pieces });

function feedbackOf(i: number): FeedbackVisit {
  const transcript = parseTranscript(dialogue(i), 'text/plain');
  const sentences = draftNote(transcript, {
    patient: { gender: 'female' },
    model: { ...plain, threshold: 0 },
  });
  return {
    version: 1,
    gender: 'female',
    segments: transcript.segments.map(({ id, role, text }) => ({ id, ...(role && { role }), text })),
    sentences: sentences.sections
      .filter(({ title }) => title.startsWith('History'))
      .flatMap(({ code, sentences: own }) =>
        own.map(({ text, source }) => ({
          section: code,
          text,
          source,
          label: text.includes('dog') ? ('removed' as const) : ('kept' as const),
        })),
      ),
  };
}

describe('Training with feedback', () => {
  const feedback = Array.from({ length: 12 }, (_, i) => feedbackOf(i + 3));
  const taught = train({ visits, pieces, feedback });
  const yardstick = { validation: [], heldOut: [feedbackOf(20), feedbackOf(21)], score: rouge1 };

  test('leaves out what clinicians strike out and keeps what they keep.', () => {
    const drafted = (model: typeof plain): string[] =>
      draftNote(parseTranscript(dialogue(30), 'text/plain'), { patient: { gender: 'female' }, model })
        .sections.filter(({ title }) => title.startsWith('History'))
        .flatMap(({ sentences }) => sentences.map(({ text }) => text));
    expect(drafted(plain).filter((text) => text.includes('dog')).length).toBeGreaterThan(0);
    expect(drafted(taught).filter((text) => text.includes('dog'))).toEqual([]);
    expect(drafted(taught).length).toBeGreaterThanOrEqual(SYMPTOMS.length);
  });

  test('is taken when it is not worse, and refused when it is.', () => {
    const better = compare(plain, taught, yardstick);
    expect(better.isNotWorse).toBe(true);
    expect(better.next.agreement).toBeGreaterThan(better.current.agreement ?? 1);
    expect(compare(taught, plain, yardstick).isNotWorse).toBe(false);
    expect(compare(taught, taught, yardstick).isNotWorse).toBe(true);
  });

  test('names itself in the version and in the data.', () => {
    expect(taught.version).toBe('1.0.0+feedback.12');
    expect(taught.data.at(-1)).toMatchObject({ name: 'feedback', examples: 12 });
  });
});
