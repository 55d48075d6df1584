/** Attacks by Subscriptions: what is delivered is what the author may read then, within the token with which he asked for it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { SHIPPED_POLICIES } from '../../src/access/index.ts';
import { revokeAppAccess } from '../../src/auth/account/app-access.ts';
import { loadPrincipalFor, loadRequester } from '../../src/auth/index.ts';
import { createOfflineServer } from '../../src/cli/offline-server.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { createEgress } from '../../src/egress/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import { type RunningDelivery, startDelivery } from '../../src/subscription/index.ts';
import { appToken } from '../support/app-token.ts';
import { addRights } from '../support/rights.ts';
import { CLINIC } from '../support/server.ts';
import { type Cast, MARK, observation, put, send, startCast, to } from './cast.ts';

let cast: Cast;
let pool: Pool;
let delivery: RunningDelivery;
let endEgress: () => Promise<void>;
const received: string[] = [];
const endpoint = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    received.push(text);
    response.end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  cast = await startCast({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  const { rules } = SHIPPED_POLICIES.find(({ name }) => name === 'doctor')!;
  await addRights(cast.server, {
    policies: [
      { name: 'subscriber', rules: [...rules, { resourceType: 'Subscription', interactions: '*' }] },
    ],
    users: [{ username: 'sub', role: 'subscriber', fhirUser: 'Practitioner/sub', organization: CLINIC }],
  });
  const config = loadConfig({
    DATABASE_URL: cast.server.databaseUrl,
    BASE_URL: cast.server.baseUrl,
    COOKIE_SECRET: 'a secret that is long enough for tests',
    SUBSCRIPTION_ALLOW_PRIVATE: 'true',
  });
  pool = createPool(config);
  const logger = createLogger('test', 'fatal');
  const egress = createEgress({ allowPrivate: true, logger });
  endEgress = () => egress.close();
  const registry = createRegistry();
  delivery = startDelivery({
    audit: NO_AUDIT,
    server: await createOfflineServer(config, pool),
    pool,
    config,
    registry,
    egress,
    logger,
    loadPrincipal: ({ scopes, ...owner }) =>
      scopes === undefined
        ? loadPrincipalFor(pool, owner)
        : loadRequester(pool, { ...owner, scopes }, { registry, baseUrl: config.fhirBase }),
    markInError: () => Promise.resolve(),
  });
}, 60_000);
afterAll(async () => {
  await delivery.stop(1_000);
  await endEgress();
  await pool.end();
  endpoint.closeAllConnections();
  endpoint.close();
  await cast.server.close();
});

async function subscribe(token: string, criteria: string): Promise<number> {
  const { port } = endpoint.address() as AddressInfo;
  const body = {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'x',
    criteria,
    channel: { type: 'rest-hook', endpoint: `http://127.0.0.1:${port}/hook`, payload: 'application/fhir+json' },
  }; // prettier-ignore
  return (await send(cast, token, 'POST', 'Subscription', { body })).status;
}

/** Everything that was written is dealt with. */
async function settled(): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    const { rowCount } = await pool.query(
      `select 1 from outbox union all select 1 from subscription_delivery where state = 'pending' limit 1`,
    );
    if (rowCount === 0) return;
    await sleep(30);
  }
  throw new Error('deliveries are still pending');
}

const weigh = (id: string, of: string): Promise<void> =>
  put(cast.server, observation(id, of, { note: [{ text: of === 'p1' ? 'MINE' : MARK }] }));

test('An app for one patient is told nothing of another, whatever it subscribes to (attack 25).', async () => {
  const app = await appToken(
    cast.server,
    'sub',
    'launch/patient user/Subscription.cruds patient/Observation.rs',
  );
  expect(await subscribe(app, 'Observation?code:text=weight')).toBe(201);
  expect(await subscribe(app, 'Observation?subject=Patient/p2')).toBe(201);
  await weigh('s1', 'p1');
  await weigh('s2', 'p2');
  await settled();
  expect(received.some((text) => text.includes('MINE'))).toBe(true);
  expect(received.filter((text) => text.includes(MARK) || text.includes('p2'))).toEqual([]);
});

test('What the token could not read is not sent, though its author and its app may (attack 25).', async () => {
  received.length = 0;
  const narrow = await appToken(cast.server, 'sub', 'user/Subscription.cruds user/Encounter.rs');
  expect(await subscribe(narrow, 'Observation?subject=Patient/p2')).toBe(201);
  expect(await subscribe(narrow, 'Patient?_id=p2')).toBe(201);
  await weigh('s3', 'p2');
  await put(cast.server, {
    resourceType: 'Patient',
    id: 'p2',
    ...{ name: [{ family: MARK }], managingOrganization: to(CLINIC) },
  });
  await settled();
  expect(received.filter((text) => text.includes(MARK))).toEqual([]);
});

test('Nothing is sent once the grant has ended (attack 25).', async () => {
  received.length = 0;
  const { rows } = await pool.query<{ id: string }>(`select id from auth.users where username = 'sub'`);
  expect(await revokeAppAccess(pool, rows[0]!.id, 'app')).toBe(true);
  await weigh('s4', 'p1');
  await settled();
  expect(received).toEqual([]);
});
