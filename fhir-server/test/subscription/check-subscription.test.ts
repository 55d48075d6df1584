/** Subscriptions that this server could not serve are refused when written. */
import type { Subscription } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createEgress } from '../../src/egress/index.ts';
import { searchParameters } from '../../src/fhir/definitions/index.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import { SearchParameterRegistry } from '../../src/search/index.ts';
import { checkSubscription } from '../../src/subscription/check-subscription.ts';

const registry = new SearchParameterRegistry(searchParameters());
const egress = createEgress({ allowPrivate: false, logger: pino({ level: 'silent' }) });
const good: Subscription = {
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'test',
  criteria: 'Media?status=completed',
  channel: {
    type: 'rest-hook',
    endpoint: 'https://example.org/hook',
    payload: 'application/fhir+json',
    header: ['Authorization: Bearer abc'],
  },
};

function faults(subscription: Subscription): string[] {
  try {
    checkSubscription(subscription, {
      registry,
      baseUrl: 'http://localhost/fhir/R4',
      egress,
      timeoutMs: 60_000,
    });
    return [];
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    expect(error.status).toBe(422);
    return error.outcome.issue.flatMap((i) => i.expression ?? []);
  }
}

const channel = (part: Partial<Subscription['channel']>): Subscription => ({
  ...good,
  channel: { ...good.channel, ...part },
});

test('A rest-hook to a public endpoint with known criteria is accepted.', () => {
  expect(faults(good)).toEqual([]);
});

test.each<[string, Subscription, string]>([
  ['an unknown type', { ...good, criteria: 'Nothing?a=b' }, 'Subscription.criteria'],
  ['an unknown parameter', { ...good, criteria: 'Media?nothing=b' }, 'Subscription.criteria'],
  ['another channel', channel({ type: 'email' }), 'Subscription.channel.type'],
  ['a private endpoint', channel({ endpoint: 'http://10.0.0.1/' }), 'Subscription.channel.endpoint'],
  ['another payload', channel({ payload: 'text/plain' }), 'Subscription.channel.payload'],
  ['two lines in a header', channel({ header: ['A: b\r\nC: d'] }), 'Subscription.channel.header[0]'],
  ['no name in a header', channel({ header: ['nothing'] }), 'Subscription.channel.header[0]'],
  ['a header of the server', channel({ header: ['A: b', 'Host: x'] }), 'Subscription.channel.header[1]'],
])('A Subscription with %s is refused, and the place is named.', (_case, subscription, place) => {
  expect(faults(subscription)).toEqual([place]);
});

test('Criteria need no index: what is still being indexed will do.', () => {
  const indexing = new SearchParameterRegistry(searchParameters());
  indexing.setCustom(searchParameters(), [], new Set(['Media.status', 'Media.*']));
  const context = { registry: indexing, baseUrl: 'http://localhost/fhir/R4', egress, timeoutMs: 60_000 };
  expect(() => checkSubscription(good, context)).not.toThrow();
});

test('Of a Subscription that is switched off only the headers are looked at.', () => {
  expect(faults({ ...good, status: 'off', criteria: 'Nothing' })).toEqual([]);
  const off: Subscription = { ...channel({ header: ['A: b', 'nothing'] }), status: 'off' };
  expect(faults(off)).toEqual(['Subscription.channel.header[1]']);
});
