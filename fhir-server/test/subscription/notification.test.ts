/** What a notification carries, and when it is tried again. */
import { createHmac } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { retryDelay } from '../../src/subscription/backoff.ts';
import { notificationHeaders } from '../../src/subscription/channel/rest-hook.ts';
import { SECRET_EXTENSION } from '../../src/subscription/secrets.ts';

const subscription: Subscription = {
  resourceType: 'Subscription',
  id: 's1',
  extension: [{ url: SECRET_EXTENSION, valueString: 'key' }],
  status: 'active',
  reason: 'test',
  criteria: 'Media?status=completed',
  channel: {
    type: 'rest-hook',
    endpoint: 'https://example.org/hook',
    payload: 'application/fhir+json',
    header: ['Authorization: Bearer x:y', 'X-Signature: forged'],
  },
};

test('A notification is signed over its raw body, and its header lines cannot forge the signature.', () => {
  const body = '{"resourceType":"Media"}';
  const headers = notificationHeaders({ subscription, eventId: 'e1', content: body }, body);
  expect(headers).toEqual({
    authorization: 'Bearer x:y',
    'content-type': 'application/fhir+json',
    'x-subscription': 'Subscription/s1',
    'x-event-id': 'e1',
    'x-signature': `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`,
  });
});

test('The delay doubles with each attempt up to its maximum, with jitter below it.', () => {
  const settings = { retryDelayMs: 1_000, retryDelayMaxMs: 60_000 };
  const ceilings = [1, 2, 3, 4, 7, 100].map((attempt) => retryDelay(attempt, settings, 1));
  expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 60_000, 60_000]);
  expect(retryDelay(3, settings, 0)).toBe(2_000);
});
