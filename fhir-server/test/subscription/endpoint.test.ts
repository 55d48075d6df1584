/** Which endpoints are acceptable, and what a notification carries. */
import { createHmac } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { retryDelay } from '../../src/subscription/backoff.ts';
import { notificationHeaders, SECRET_EXTENSION } from '../../src/subscription/channel/rest-hook.ts';
import { endpointFault, isPrivateAddress, publicLookup } from '../../src/subscription/endpoint.ts';

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

test.each([
  'http://localhost:8104/',
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://169.254.169.254/latest',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://[fd00::1]/',
  'http://a.localhost/',
  'http://localhost./',
])('%s is on a private network and refused unless that is allowed.', (endpoint) => {
  expect(endpointFault(endpoint, false)).toContain('private address');
  expect(endpointFault(endpoint, true)).toBeUndefined();
});

test.each(['ftp://example.org/', 'file:///etc/passwd', '/relative', '', 'https://user:secret@example.org/'])(
  '%j is no endpoint at all.',
  (endpoint) => {
    expect(endpointFault(endpoint, true)).toBeDefined();
  },
);

test('Public addresses are acceptable.', () => {
  expect(endpointFault('https://example.org/hook', false)).toBeUndefined();
  expect(isPrivateAddress('93.184.216.34')).toBe(false);
});

test('A name that resolves to this machine is refused when connecting.', async () => {
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  publicLookup('localhost', {}, (error) => resolve(error));
  expect((await promise)?.message).toContain('loopback or private address');
});

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
