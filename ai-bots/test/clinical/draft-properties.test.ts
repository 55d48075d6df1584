/** What holds for the draft of every whole visit of ACI-BENCH's validation set. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { draftNote, parseTranscript } from '../../clinical/index.ts';
import { unsupportedConcepts, unsupportedNumbers } from '../../scripts/evaluate-support.ts';

const setting = process.env['DR_ASSISTANT_SHARED'];
const shared = resolve(setting ?? join(import.meta.dirname, '../../../../shared'));
const file = join(shared, 'dialogues/aci-bench/valid.csv');
const title = 'Each drafted sentence has sources that hold its numbers and conditions.';

const visits = (): string[] =>
  parse<Record<string, string>>(readFileSync(file), { columns: true, bom: true }).map(
    (row) => row['dialogue'] ?? '',
  );

/** DR_ASSISTANT_SHARED=none declares that there is no shared data; otherwise CI must not skip. */
const runs = existsSync(file) || (process.env['CI'] === 'true' && setting !== 'none');

(runs ? test : test.skip)(`${title} [needs the shared data dialogues/aci-bench]`, () => {
  const dialogues = visits();
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
