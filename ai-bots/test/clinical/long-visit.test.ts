/** A visit of two hours takes time and memory in proportion to its length, and its note stays readable. */
import { expect, test } from '@jest/globals';
import { draftNote, parseTranscript } from '../../clinical/index.ts';

const TOPICS = `knee shoulder ankle back neck stomach hip wrist elbow foot`.split(' ');

/** Turns about ever other days and places, so that no sentence comes twice; some 25 words a round. */
function visit(rounds: number): string {
  return Array.from({ length: rounds }, (_, i) => {
    const place = TOPICS[i % TOPICS.length] ?? '';
    return [
      `Doctor: Okay, and how has the ${place} been since day ${i + 1}? Any swelling?`,
      `Patient: No. The ${place} has been hurting for ${i + 2} days when I climb stairs, and I take ibuprofen.`,
    ].join('\n');
  }).join('\n');
}

/** Of this process in milliseconds: a busy machine takes longer by the clock. */
const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const timeOf = (text: string): number => {
  const transcript = parseTranscript(text, 'text/plain');
  const times = Array.from({ length: 4 }, () => {
    const started = processorTime();
    draftNote(transcript);
    return processorTime() - started;
  });
  return Math.min(...times);
};

test('Twice the visit takes about twice the time, and two hours take seconds at most.', () => {
  timeOf(visit(50));
  const [hour, hours] = [visit(400), visit(800)];
  expect(hours.split(/\s+/).length).toBeGreaterThan(24_000);
  const [short, long] = [timeOf(hour), timeOf(hours)];
  expect(long / short).toBeLessThan(4);
  expect(long).toBeLessThan(10_000);
});

test('Memory grows with the visit and no faster.', () => {
  const heldBy = (rounds: number): number => {
    const transcript = parseTranscript(visit(rounds), 'text/plain');
    const before = process.memoryUsage().heapUsed;
    const note = draftNote(transcript);
    const after = process.memoryUsage().heapUsed;
    expect(note.sections.length).toBeGreaterThan(0);
    return Math.max(1, after - before);
  };
  heldBy(50);
  // Without a collection in between this is all that was ever allocated, or less.
  expect(heldBy(800)).toBeLessThan(512 * 1024 * 1024);
});

test('The note of a long visit keeps to what matters most.', () => {
  const note = draftNote(parseTranscript(visit(800), 'text/plain'));
  const sentences = note.sections.flatMap((section) => section.sentences);
  expect(sentences.length).toBeLessThanOrEqual(200);
});

test('Without labels, punctuation and lines it is the same.', () => {
  const line = (rounds: number): string =>
    visit(rounds)
      .replace(/(?:Doctor|Patient): /g, '')
      .replace(/[.?,]/g, '')
      .replace(/\n/g, ' ')
      .toLowerCase();
  const take = (rounds: number): number => {
    const started = processorTime();
    const transcript = parseTranscript(line(rounds), 'text/plain');
    expect(transcript.segments.length).toBeGreaterThan(rounds / 2);
    expect(draftNote(transcript).sections.length).toBeGreaterThan(0);
    return processorTime() - started;
  };
  take(50);
  const best = (rounds: number): number => Math.min(take(rounds), take(rounds), take(rounds));
  expect(best(800) / best(400)).toBeLessThan(4);
});
