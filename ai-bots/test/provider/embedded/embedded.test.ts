/** The providers of this process do what the clinical functions do, and code what others have extracted. */
import { expect, test } from '@jest/globals';
import { draftNote, extractEntities, parseTranscript } from '../../../clinical/index.ts';
import { embeddedCodeProvider } from '../../../provider/embedded/code.ts';
import { embeddedDraftProvider } from '../../../provider/embedded/draft.ts';
import { embeddedExtractProvider } from '../../../provider/embedded/extract.ts';
import { entity } from '../../support/entity.ts';

const signal = new AbortController().signal;
const transcript = parseTranscript(
  'Doctor: What brings you in?\nPatient: I have had a cough for three days.',
  'text/plain',
);

test('Notes and entities are those of the clinical functions, and nothing leaves this process.', async () => {
  const patient = { gender: 'female' } as const;
  const note = await embeddedDraftProvider.run({ transcript, patient }, signal);
  expect(note.output).toEqual(draftNote(transcript, { patient }));
  expect(note.output.sections).not.toHaveLength(0);
  const entities = await embeddedExtractProvider.run({ transcript }, signal);
  expect(entities.output).toEqual(extractEntities(transcript));
  expect(entities.output).not.toHaveLength(0);
  expect([embeddedDraftProvider, embeddedExtractProvider, embeddedCodeProvider].map((p) => p.party)).toEqual([
    'here',
    'here',
    'here',
  ]);
});

test('A term that stands in the dictionary as it is gets its code; more words, a drug, and what is coded already do not.', async () => {
  const own = [{ system: 's', code: 'own', display: 'd' }];
  const entities = [
    entity('Hypertension'),
    entity('mild hypertension'),
    entity('hypertension', { concepts: own }),
    entity('hypertension', { category: 'MEDICATION' }),
  ];
  const { output } = await embeddedCodeProvider.run({ entities }, signal);
  expect(output.map((e) => e.concepts.map((c) => c.code))).toEqual([['I10'], [], ['own'], []]);
});
