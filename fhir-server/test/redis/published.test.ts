/** What others publish (keys of clients, logos of apps) is asked for by one process, for all. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import type { JWK } from 'jose';
import { asserted, makeKey, post, provision, signAssertion, type TestKey } from '../support/oauth-caller.ts';
import { program, testWith } from '../support/requirement.ts';
import { until } from '../support/until.ts';
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts';

const server = program('redis-server');
const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
let two: TwoProcesses;
let publisher: Server;
let origin: string;
let old: TestKey;
let fresh: TestKey;
const published: { keys: JWK[]; asked: string[] } = { keys: [], asked: [] };

beforeAll(async () => {
  if (server.path === undefined) return;
  publisher = createServer((request, response) => {
    published.asked.push(request.url ?? '');
    if (request.url?.startsWith('/logo') === true) return void response.end(PNG);
    response.setHeader('Cache-Control', 'max-age=600').end(JSON.stringify({ keys: published.keys }));
  });
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}`;
  [old, fresh] = await Promise.all([makeKey('ES384', 'old'), makeKey('ES384', 'fresh')]);
  two = await startTwoProcesses(server.path, { EGRESS_ALLOW_PRIVATE: 'true' });
}, 180_000);
afterAll(async () => {
  (publisher as Server | undefined)?.close();
  await (two as TwoProcesses | undefined)?.stop();
}, 30_000);
beforeEach(() => {
  published.asked.length = 0;
});

let clients = 0;
/** A client whose keys are at an address of its own. */
async function newClient(): Promise<string> {
  const clientId = `client-${(clients += 1)}`;
  await provision(two.pool, {
    clients: [
      {
        clientId,
        name: clientId,
        scope: 'system/Patient.rs',
        jwksUri: `${origin}/jwks/${clientId}`,
        logoUri: `${origin}/logo/${clientId}`,
      },
    ],
  });
  return clientId;
}

async function tokenAt(which: 'here' | 'there', clientId: string, key: TestKey): Promise<number> {
  const assertion = await signAssertion(two.here, clientId, key);
  const port = which === 'here' ? new URL(two.here.baseUrl).port : two.there.port;
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs', ...asserted(assertion) };
  return (await post({ baseUrl: `http://localhost:${port}` }, 'token', form)).status;
}

const isKept = (name: string) => async (): Promise<boolean> =>
  (await two.client.keys(`dr-assistant:*:${name}:${origin}/*`)).some((key) => key.endsWith(`-${clients}`));

testWith(server)(
  'Keys that one process was given are known to the other; a key that is new is asked for.',
  async () => {
    published.keys = [old.publicJwk];
    const clientId = await newClient();
    expect(await tokenAt('here', clientId, old)).toBe(200);
    await until(isKept('keys'));
    expect(await tokenAt('there', clientId, old)).toBe(200);
    expect(published.asked).toEqual([`/jwks/${clientId}`]);
    published.keys = [fresh.publicJwk];
    expect(await tokenAt('there', clientId, fresh)).toBe(200);
    expect(published.asked).toHaveLength(2);
    // What one has learnt the other need not ask for.
    await until(async () => (await two.client.keys('*')).length > 0);
    expect(await tokenAt('here', clientId, fresh)).toBe(200);
    expect(published.asked).toHaveLength(2);
    expect(await tokenAt('here', clientId, await makeKey('ES384', 'fresh'))).toBe(401);
  },
);

testWith(server)('Keys that anybody put into Redis are nobody’s.', async () => {
  published.keys = [old.publicJwk];
  const clientId = await newClient();
  expect(await tokenAt('here', clientId, old)).toBe(200);
  await until(isKept('keys'));
  const [key] = (await two.client.keys('dr-assistant:*:keys:*')).filter((k) => k.endsWith(clientId));
  await two.client.set(key!, JSON.stringify([fresh.publicJwk]));
  expect(await tokenAt('there', clientId, fresh)).toBe(401);
  expect(await tokenAt('there', clientId, old)).toBe(200);
});

testWith(server)('A logo is loaded once for all, and each loads it when Redis is away.', async () => {
  const logoAt = async (which: 'here' | 'there', clientId: string): Promise<string> => {
    const port = which === 'here' ? new URL(two.here.baseUrl).port : two.there.port;
    const answer = await fetch(`http://localhost:${port}/oauth2/apps/${clientId}/logo`);
    return `${answer.headers.get('content-type')} ${Buffer.from(await answer.arrayBuffer()).toString('hex')}`;
  };
  const logo = `image/png ${PNG.toString('hex')}`;
  const clientId = await newClient();
  expect(await logoAt('here', clientId)).toBe(logo);
  await until(isKept('logo'));
  expect(await logoAt('there', clientId)).toBe(logo);
  expect(published.asked).toEqual([`/logo/${clientId}`]);
  await two.redis.kill();
  const another = await newClient();
  for (const which of ['here', 'there'] as const) expect(await logoAt(which, another)).toBe(logo);
  expect(published.asked).toHaveLength(3);
  await two.redis.start();
});
