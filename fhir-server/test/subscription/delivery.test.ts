/** Events to notifications: the outbox in a real PostgreSQL, a real endpoint over HTTP. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { NO_AUDIT } from '../../src/audit/index.ts';
import { createEgress } from '../../src/egress/index.ts';
import { searchParameters } from '../../src/fhir/definitions/index.ts';
import { SearchParameterRegistry } from '../../src/search/index.ts';
import { Registry } from '../../src/platform/metrics.ts';
import { createDeliveryMetrics } from '../../src/subscription/index.ts';
import { createRestHook } from '../../src/subscription/channel/rest-hook.ts';
import { recordSubscriptionOwner } from '../../src/subscription/owner.ts';
import { runSubscriptions } from '../../src/subscription/run.ts';
import { createSecretBox } from '../../src/platform/secret-box.ts';
import { createSubscriptions } from '../../src/subscription/active-subscriptions.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { SECRET_EXTENSION } from '../../src/subscription/secrets.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const baseUrl = 'http://localhost/fhir/R4';
const settings = {
  attemptsMax: 3,
  retryDelayMs: 10,
  retryDelayMaxMs: 40,
  timeoutMs: 2_000,
  leaseMs: 3_000,
  concurrency: 4,
  pollMs: 20,
  batchSize: 10,
  notificationBytesMax: 1_000_000,
  retentionMs: 3_600_000,
};

let database: TestDatabase;
let pool: Pool;
let endpoint: Server;
let received: {
  readonly path?: string | undefined;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}[] = [];
/** What the endpoint answers to each request in turn; 200 after the last. */
let answers: number[] = [];
let beforeAnswer = (_path?: string): Promise<unknown> => Promise.resolve();
let mayRead = true;
let givenUp: { readonly id: string; readonly reason: string }[] = [];
let metrics: Registry;
let stop: () => Promise<void> = () => Promise.resolve();

const layout = (table: string): string =>
  `create table if not exists fhir."${table}" (id text, version_id integer, last_updated bigint, deleted boolean, content text)`;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 8, statementTimeoutMs: 30_000 });
  await pool.query('create schema if not exists fhir');
  for (const type of ['Subscription', 'Media']) {
    await pool.query(layout(type));
    await pool.query(layout(`${type}_history`));
  }
  endpoint = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void beforeAnswer(request.url).then(() =>
        response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end(),
      );
      received.push({
        path: request.url,
        body: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
      });
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  endpoint.closeAllConnections();
  endpoint.close();
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query(
    `truncate subscription_delivery, subscription_owner, outbox,
      fhir."Subscription", fhir."Media", fhir."Media_history"`,
  );
  [received, answers, givenUp, mayRead] = [[], [], [], true];
  metrics = new Registry();
  const registry = new SearchParameterRegistry(searchParameters());
  const stopping = new AbortController();
  const egress = createEgress({ allowPrivate: true, logger: pino({ level: 'silent' }) });
  const restHook = createRestHook({ egress, timeoutMs: settings.timeoutMs });
  const done = runSubscriptions(
    {
      pool,
      registry,
      baseUrl,
      subscriptions: createSubscriptions({ registry, baseUrl }, createSecretBox('x', 'subscription secrets')),
      channel: restHook,
      settings: { ...settings, allowPrivate: true, mail: undefined, socketOrigins: [], tls: undefined },
      logger: pino({ level: 'silent' }),
      audit: NO_AUDIT,
      disclosing: () => ({
        principalOf: () => Promise.resolve(undefined),
        disclose: (_owner, _type, versions) =>
          Promise.resolve(new Map(mayRead ? versions.map((v) => [v, v.content]) : [])),
      }),
      metrics: createDeliveryMetrics(metrics, { pool, logger: pino({ level: 'silent' }) }),
      giveUp: (id, reason) => {
        givenUp.push({ id, reason });
        return Promise.resolve();
      },
    },
    { stopping: stopping.signal, cut: stopping.signal },
  );
  stop = async () => {
    stopping.abort();
    await done;
    await egress.close();
  };
});

afterEach(() => stop());

async function subscribe(
  criteria: string,
  part: { id?: string; status?: string; owned?: boolean } = {},
): Promise<void> {
  const { id = 's1' } = part;
  const { port } = endpoint.address() as AddressInfo;
  const content = {
    resourceType: 'Subscription',
    id,
    extension: [{ url: SECRET_EXTENSION, valueString: 'key' }],
    status: part.status ?? 'active',
    reason: 'test',
    criteria,
    channel: {
      type: 'rest-hook',
      endpoint: `http://127.0.0.1:${port}/${id}`,
      payload: 'application/fhir+json',
    },
  };
  await pool.query(`insert into fhir."Subscription" values ($1, 1, 0, false, $2)`, [
    id,
    JSON.stringify(content),
  ]);
  if (part.owned === false) return;
  const client = await pool.connect();
  await recordSubscriptionOwner(client, id, { clientId: 'bot', scopes: [] });
  client.release();
}

const mediaContent = (id: string, versionId: number, status: string): string =>
  JSON.stringify({ resourceType: 'Media', id, meta: { versionId: String(versionId) }, status, content: {} });

/** As a write does it: the row and its event in one transaction. */
async function write(id: string, versionId: number, status = 'completed', table = 'Media'): Promise<void> {
  const client = await pool.connect();
  await client.query('begin');
  const row = [id, versionId, mediaContent(id, versionId, status)];
  await client.query(`insert into fhir."${table}" values ($1, $2, 0, false, $3)`, row);
  await client.query(
    `insert into outbox (id, resource_type, resource_id, version_id, interaction, created_at)
     values (gen_random_uuid(), 'Media', $1, $2, 'update', now())`,
    [id, versionId],
  );
  await client.query('notify outbox');
  await client.query('commit');
  client.release();
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i += 1) {
    if (await what()) return;
    await sleep(20);
  }
  throw new Error('it did not happen within 20 s');
}

const states = async (): Promise<string[]> =>
  (await pool.query<{ state: string }>('select state from subscription_delivery')).rows.map((r) => r.state);
const settled = async (): Promise<boolean> =>
  (await pool.query('select 1 from outbox')).rowCount === 0 && !(await states()).includes('pending');

test('A matching version is sent as it is stored, signed, and the outbox is empty afterwards.', async () => {
  await subscribe('Media?status=completed');
  await write('m1', 1);
  await write('m2', 1, 'in-progress');
  await until(async () => received.length === 1 && (await settled()));
  const body = mediaContent('m1', 1, 'completed');
  expect(received[0]?.body).toBe(body);
  expect(received[0]?.headers).toMatchObject({
    'x-subscription': 'Subscription/s1',
    'x-signature': `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`,
    'content-type': 'application/fhir+json',
  });
  expect(await states()).toEqual(['delivered']);
});

test('A refusal by the endpoint is followed by another attempt with the same event id.', async () => {
  answers = [500];
  await subscribe('Media?status=completed');
  await write('m1', 1);
  await until(async () => received.length === 2 && (await settled()));
  expect(new Set(received.map((r) => r.headers['x-event-id'])).size).toBe(1);
  const told = await metrics.metrics();
  expect(told).toContain('fhir_notification_attempts_total{by="criteria",outcome="retried"} 1');
  expect(told).toContain('fhir_notification_attempts_total{by="criteria",outcome="delivered"} 1');
  expect(told).toContain('fhir_notification_lag_seconds_count{by="criteria"} 1');
  expect(told).toContain('fhir_outbox_dispatched_total 1');
});

test('After the last attempt the delivery is given up and its Subscription told why.', async () => {
  answers = [500, 302, 503];
  await subscribe('Media?status=completed');
  await write('m1', 1);
  await until(() => givenUp.length === 1);
  expect(received).toHaveLength(3);
  expect(await states()).toEqual(['failed']);
  expect(givenUp[0]?.reason).toContain('Gave up after 3 attempts: the endpoint answered 503');
});

test('Versions of one resource arrive in their order, even when the first must be sent twice.', async () => {
  answers = [500];
  await subscribe('Media?status=completed');
  await write('m1', 1, 'completed', 'Media_history');
  await write('m1', 2);
  await until(async () => received.length === 3 && (await settled()));
  const versions = received.map(
    (r) => (JSON.parse(r.body) as { meta: { versionId: string } }).meta.versionId,
  );
  expect(versions).toEqual(['1', '1', '2']);
});

test('Many resources are sent at once, and each in the order of its versions.', async () => {
  await subscribe('Media?status=completed');
  for (let version = 1; version <= 3; version += 1)
    for (let i = 0; i < 10; i += 1)
      await write(`m${i}`, version, 'completed', version < 3 ? 'Media_history' : 'Media');
  await until(async () => received.length === 30 && (await settled()));
  const sent = received.map((r) => JSON.parse(r.body) as { id: string; meta: { versionId: string } });
  for (const [, versions] of Map.groupBy(sent, (r) => r.id))
    expect(versions.map((v) => v.meta.versionId)).toEqual(['1', '2', '3']);
}, 30_000);

test('An endpoint that takes nothing keeps another Subscription waiting no longer than a look.', async () => {
  const answering = Promise.withResolvers<void>();
  beforeAnswer = (path) => (path === '/slow' ? answering.promise : Promise.resolve());
  await subscribe('Media?status=completed', { id: 'slow' });
  await subscribe('Media?status=in-progress', { id: 'fast' });
  for (let i = 0; i < 40; i += 1) await write(`m${i}`, 1);
  await until(() => received.length === 3);
  for (let i = 0; i < 3; i += 1) {
    await write(`f${i}`, 1, 'in-progress');
    await until(() => received.filter((r) => r.path === '/fast').length === i + 1);
  }
  expect(received.filter((r) => r.path === '/slow')).toHaveLength(3);
  answering.resolve();
  beforeAnswer = () => Promise.resolve();
  await until(settled);
}, 30_000);

test('What was sent but could not be settled, as when the worker dies, is sent again with the same event id.', async () => {
  const holder = await pool.connect();
  beforeAnswer = async () => {
    beforeAnswer = () => Promise.resolve();
    await holder.query('begin; lock table subscription_delivery in share row exclusive mode');
  };
  await subscribe('Media?status=completed');
  await write('m1', 1);
  // Settling waits for the table, and its connection is cut.
  await until(async () => {
    // Not in the transaction of the holder, which sees activity as it was at its first look.
    const { rowCount } = await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'
         and datname = current_database() and query like '%set state = s.state%'`,
    );
    return rowCount === 1;
  });
  await holder.query('rollback');
  holder.release();
  await until(async () => received.length === 2 && (await settled()));
  expect(new Set(received.map((r) => r.headers['x-event-id'])).size).toBe(1);
  expect(await states()).toEqual(['delivered']);
}, 60_000);

test('Nothing is sent to a subscriber who may not read the resource (attack 25).', async () => {
  mayRead = false;
  await subscribe('Media?status=completed');
  await write('m1', 1);
  await until(async () => (await states()).includes('refused'));
  expect(received).toEqual([]);
});

test('Nothing is sent for a Subscription without a known author (attack 25).', async () => {
  await subscribe('Media?status=completed', { owned: false });
  await write('m1', 1);
  await until(async () => (await states()).includes('refused'));
  expect(received).toEqual([]);
});

test('Events for a Subscription in error are kept until it is active again.', async () => {
  await subscribe('Media?status=completed', { status: 'error' });
  await write('m1', 1);
  await until(async () => (await states()).length === 1);
  await sleep(100);
  expect(received).toEqual([]);
  await pool.query(
    `update fhir."Subscription" set version_id = 2, content = replace(content, '"status":"error"', '"status":"active"')`,
  );
  await until(() => received.length === 1);
});

test('Events for a Subscription that is off are dropped.', async () => {
  await subscribe('Media?status=completed', { status: 'off' });
  await write('m1', 1);
  await until(settled);
  expect(await states()).toEqual([]);
});
