/** Which intents are offered, and where a card may lead. */
import { expect, test } from '@jest/globals';
import { hostOf } from '../../ui/src/apps/app-in-words.ts';
import { offeredIntents } from '../app/intents.ts';

const app = (launch_intents: readonly string[]) => ({
  client_id: 'a',
  client_name: 'A',
  launch_url: 'https://a.example/launch',
  launch_intents,
});

test('Intents that apps have registered come first, each once, and SMART’s examples after them.', () => {
  const intents = offeredIntents([app(['percentiles', 'reconcile-medications']), app(['percentiles'])]);
  expect(intents.slice(0, 2)).toEqual(['percentiles', 'reconcile-medications']);
  expect(new Set(intents).size).toBe(intents.length);
  expect(offeredIntents([])).toContain('reconcile-medications');
});

test('A card leads to web pages alone.', () => {
  expect(hostOf('https://app.example:8443/about')).toBe('app.example:8443');
  for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'about', '', undefined])
    expect([uri, hostOf(uri)]).toEqual([uri, undefined]);
});
