/** The accounts and clients of the demo mode. */
import { expect, test } from '@jest/globals';
import { visitScribeScope } from '../../ai-bots/bot/visit-scribe/index.ts';
import { provisionDocument } from '../start/demo.ts';
import { readOptions, type StartOptions } from '../start/options.ts';
import { publicKey, type Secrets } from '../start/secrets.ts';

const key = { kty: 'EC', crv: 'P-384', x: 'public-x', y: 'public-y', d: 'private-part', alg: 'ES384' };
const secrets: Secrets = {
  cookieSecret: 'c'.repeat(32),
  passwords: { admin: 'a', doctor: 'd', nurse: 'n', receptionist: 'r', patient: 'p' },
  demoBackend: { secret: 's', privateKey: key },
  visitScribe: { subscriptionSecret: 's'.repeat(32), privateKey: key },
};

const options = readOptions([]) as StartOptions;

test('The bot is granted exactly the scopes that it asks for.', () => {
  const { clients } = provisionDocument(options, secrets) as {
    clients: { clientId: string; scope: string }[];
  };
  const granted = clients.find(({ clientId }) => clientId === 'visit-scribe')?.scope.split(' ');
  expect(granted?.toSorted()).toEqual(visitScribeScope.split(' ').toSorted());
});

test('The authorization server gets public keys only.', () => {
  expect(publicKey(key)).not.toHaveProperty('d');
  expect(JSON.stringify(provisionDocument(options, secrets))).not.toContain('private-part');
});
