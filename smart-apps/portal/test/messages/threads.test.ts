/** Messages that belong together. */
import { expect, test } from '@jest/globals';
import type { Communication } from '@medplum/fhirtypes';
import { threadsOf } from '../../app/messages/threads.ts';

const message = (id: string, day: number, more: Partial<Communication> = {}): Communication => ({
  resourceType: 'Communication',
  status: 'completed',
  id,
  sent: `2026-06-0${day}T08:00:00Z`,
  ...more,
});
const answers = (id: string): Partial<Communication> => ({
  inResponseTo: [{ reference: `Communication/${id}` }],
});
const told = (messages: Communication[]): [string, string | undefined, string[]][] =>
  threadsOf(messages).map(({ id, subject, messages: of }) => [id, subject, of.map((m) => m.id ?? '')]);

test('An answer to an answer is of the same thread; the newest thread comes first, its oldest message first.', () => {
  expect(
    told([
      message('c', 4, answers('b')),
      message('other', 3, { topic: { text: 'Other' } }),
      message('a', 1, { topic: { text: 'Pressure' } }),
      message('b', 2, answers('a')),
    ]),
  ).toEqual([
    ['a', 'Pressure', ['a', 'b', 'c']],
    ['other', 'Other', ['other']],
  ]);
});

test('An answer to what is not there is a thread of its own, and a circle is one thread.', () => {
  expect(told([message('lost', 1, answers('gone'))])).toEqual([['lost', undefined, ['lost']]]);
  expect(told([message('x', 1, answers('y')), message('y', 2, answers('x'))])).toEqual([
    ['x', undefined, ['x', 'y']],
  ]);
});

test('What was never sent, and what was a mistake, is not shown.', () => {
  const statuses = ['preparation', 'not-done', 'entered-in-error', 'completed', 'in-progress'] as const;
  const shown = told(statuses.map((status, i) => message(status, i + 1, { status })));
  expect(shown.map(([id]) => id)).toEqual(['in-progress', 'completed']);
});
