/** Who is served next: nobody takes all places, those with the fewest under way come first, failing endpoints get few. */
import { expect, test } from '@jest/globals';
import { createTurns, type Turns } from '../../src/subscription/turns.ts';

interface One {
  readonly subscriptionId: string;
}
const many = (subscriptionId: string, count: number): One[] => Array.from({ length: count }, () => ({ subscriptionId })); // prettier-ignore

/** All that may go now. */
function startAll(turns: Turns<One>): string[] {
  const started: string[] = [];
  for (let one = turns.next(); one !== undefined; one = turns.next()) started.push(one.subscriptionId);
  return started;
}

test('A Subscription alone leaves places for one that comes later, whose deliveries go at once.', () => {
  const turns = createTurns<One>(16);
  turns.add(many('slow', 100));
  expect(startAll(turns)).toHaveLength(12);
  turns.add(many('fast', 2));
  expect(startAll(turns)).toEqual(['fast', 'fast']);
});

test('Four slow ones leave a place for a fifth, and it has its turn before theirs as places come free.', () => {
  const turns = createTurns<One>(16);
  for (const id of ['a', 'b', 'c', 'd']) turns.add(many(id, 100));
  const started = startAll(turns);
  expect(started.length).toBeLessThan(16);
  turns.add(many('fast', 3));
  expect(startAll(turns)).toEqual(['fast']);
  turns.done({ subscriptionId: 'a' }, false);
  turns.done({ subscriptionId: 'b' }, false);
  expect(startAll(turns)[0]).toBe('fast');
});

test('A single place is given too, and given back.', () => {
  const turns = createTurns<One>(1);
  turns.add([...many('a', 2), ...many('b', 1)]);
  expect(startAll(turns)).toEqual(['a']);
  turns.done({ subscriptionId: 'a' }, false);
  expect(startAll(turns)).toEqual(['b']);
  expect(turns.waiting).toBe(1);
  expect(['a', 'b', 'c'].map((id) => turns.waitingOf(id))).toEqual([1, 0, 0]);
});

test('An endpoint that fails gets half as many at once, down to one, and more again as it succeeds.', () => {
  const turns = createTurns<One>(16);
  turns.add(many('a', 100));
  const first = startAll(turns).length;
  for (let i = 0; i < first; i += 1) turns.done({ subscriptionId: 'a' }, true);
  expect(startAll(turns)).toHaveLength(1);
  turns.done({ subscriptionId: 'a' }, false);
  expect(startAll(turns)).toHaveLength(2);
  expect(turns.underWay().get('a')).toBe(2);
});
