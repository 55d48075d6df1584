/** What holds for the draft of every whole visit of ACI-BENCH's validation set. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { draftNote, parseTranscript } from '../../clinical/index.ts';
import { unsupportedConcepts, unsupportedNumbers } from '../../scripts/evaluate-support.ts';
import { readDialogues } from '../support/dialogues.ts';
import { sharedFolder, testWith } from '../support/shared-data.ts';

const FOLDER = 'dialogues/aci-bench';

const title = 'Each drafted sentence has sources that hold its numbers and conditions.';

testWith(FOLDER)(`${title} [needs the shared data ${FOLDER}]`, () => {
  const dialogues = readDialogues(join(sharedFolder, FOLDER), 'valid.csv').map(({ dialogue }) => dialogue);
  expect(dialogues.length).toBeGreaterThan(0);
  // The first draft loads the models.
  draftNote(parseTranscript('Patient: I have a cough.', 'text/plain'));
  for (const dialogue of dialogues) {
    const transcript = parseTranscript(dialogue, 'text/plain');
    // Of the processor: a busy machine takes longer by the clock.
    const started = process.cpuUsage();
    const note = draftNote(transcript);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(1000);
    const ids = new Set(transcript.segments.map(({ id }) => id));
    const sentences = note.sections.flatMap((section) => section.sentences);
    expect(sentences.length).toBeGreaterThan(0);
    expect(
      sentences.filter(({ source }) => source.length === 0 || !source.every((id) => ids.has(id))),
    ).toEqual([]);
    // Third person: no "I" of the patient's becomes the clinician's.
    expect(sentences.filter(({ text }) => /\b(?:I|I'm|me|my|we|our|us|you|your)\b/i.test(text))).toEqual([]);
    expect(new Set(sentences.map(({ id }) => id)).size).toBe(sentences.length);
    expect(unsupportedNumbers(note, transcript)).toEqual([]);
    expect(unsupportedConcepts(note, transcript)).toEqual([]);
    expect(draftNote(transcript)).toEqual(note);
  }
});
