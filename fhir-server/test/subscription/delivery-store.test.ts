/** Leases and order on a real PostgreSQL: what is sent, by whom, and what has to wait. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  deliveryFigures,
  insertDeliveries,
  leaseDeliveries,
  purgeDeliveries,
  replayFailed,
  type Delivery,
  type NewDelivery,
} from '../../src/subscription/delivery-store.ts';
import { type FinalState, renewLeases, settleDeliveries } from '../../src/subscription/settle-store.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 4, statementTimeoutMs: 30_000 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query('truncate subscription_delivery, outbox');
});

const version = (resourceId: string, versionId: number, subscriptionId = 's1'): NewDelivery => ({
  subscriptionId,
  resourceType: 'Media',
  resourceId,
  versionId,
});

async function add(...deliveries: NewDelivery[]): Promise<void> {
  const client = await pool.connect();
  await insertDeliveries(client, deliveries);
  client.release();
}

const lease = (leaseMs = 60_000, limit = 10) => leaseDeliveries(pool, { limit, leaseMs });
const finish = async (delivery: Delivery, state: FinalState, reason?: string): Promise<boolean> => {
  const outcome = { state, ...(reason !== undefined && { reason }) };
  return (await settleDeliveries(pool, [{ delivery, outcome }])).ours.has(delivery.id);
};
const names = (deliveries: readonly NewDelivery[]): string[] =>
  deliveries.map((d) => `${d.subscriptionId} ${d.resourceId}/${d.versionId}`).sort();

describe('Leasing', () => {
  test('gives each delivery to one worker only.', async () => {
    await add(...Array.from({ length: 20 }, (_, i) => version(`m${i}`, 1)));
    const shares = await Promise.all([lease(60_000, 20), lease(60_000, 20), lease(60_000, 20)]);
    expect(shares.flat()).toHaveLength(20);
    expect(new Set(shares.flat().map((d) => d.id)).size).toBe(20);
  });

  test('goes in turn of the Subscriptions, so that one with many keeps no other waiting.', async () => {
    await add(...Array.from({ length: 50 }, (_, i) => version(`m${i}`, 1, 'many')));
    await add(version('a', 1, 'few'), version('b', 1, 'few'), version('c', 1, 'another'));
    expect(names(await lease(60_000, 5)).map((name) => name.split(' ')[0])).toEqual([
      'another', 'few', 'few', 'many', 'many',
    ]); // prettier-ignore
    expect(await lease(60_000, 100)).toHaveLength(48);
    expect(await lease()).toHaveLength(0);
  });

  test('heeds what the worker has of each Subscription already.', async () => {
    await add(...Array.from({ length: 9 }, (_, i) => version(`m${i}`, 1, 'many')));
    await add(version('a', 1, 'few'), version('b', 1, 'few'));
    const shares = [{ subscriptionId: 'many', held: 5, more: 2 }];
    const leaseWith = (limit: number) => leaseDeliveries(pool, { limit, leaseMs: 60_000, shares });
    expect(names(await leaseWith(1))[0]).toMatch(/^few/);
    expect(names(await leaseWith(10)).map((name) => name.split(' ')[0])).toEqual(['few', 'many', 'many']);
  });

  test('ends when a worker dies, and the next attempt is counted.', async () => {
    await add(version('m1', 1));
    const [first] = await lease(30);
    expect(first?.attempt).toBe(1);
    expect(await lease()).toHaveLength(0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [second] = await lease();
    expect(second).toMatchObject({ id: first?.id, attempt: 2 });
    if (first === undefined) throw new Error('nothing leased');
    expect([...(await renewLeases(pool, [first], 1_000))]).toEqual([]);
    expect(await finish(first, 'delivered')).toBe(false);
  });
});

describe('Settling', () => {
  test('is one statement for many, each with its own outcome, and leaves alone what another worker holds.', async () => {
    await add(...Array.from({ length: 5 }, (_, i) => version(`m${i}`, 1)));
    const leased = (await lease()).toSorted((a, b) => (a.resourceId < b.resourceId ? -1 : 1));
    const [m0, m1, m2, m3, m4] = leased as [Delivery, Delivery, Delivery, Delivery, Delivery];
    await pool.query('update subscription_delivery set lease = gen_random_uuid() where id = $1', [m4.id]);
    const { ours } = await settleDeliveries(pool, [
      { delivery: m0, outcome: { state: 'delivered' } },
      { delivery: m1, outcome: { state: 'failed', reason: 'x' } },
      { delivery: m2, outcome: { state: 'pending', delayMs: 60_000, counted: true, reason: 'y' } },
      { delivery: m3, outcome: { state: 'pending', delayMs: 0, counted: false } },
      { delivery: m4, outcome: { state: 'delivered' } },
    ]);
    expect(ours).toEqual(new Set([m0, m1, m2, m3].map((d) => d.id)));
    const { rows } = await pool.query(
      `select resource_id as id, state, attempt, last_error as error, lease is null as free, finished_at is null as open,
         next_attempt_at <= now() as due from subscription_delivery order by resource_id`,
    );
    expect(rows).toEqual([
      { id: 'm0', state: 'delivered', attempt: 1, error: null, free: true, open: false, due: false },
      { id: 'm1', state: 'failed', attempt: 1, error: 'x', free: true, open: false, due: false },
      { id: 'm2', state: 'pending', attempt: 1, error: 'y', free: true, open: true, due: false },
      { id: 'm3', state: 'pending', attempt: 0, error: null, free: true, open: true, due: true },
      { id: 'm4', state: 'pending', attempt: 1, error: null, free: false, open: true, due: false },
    ]);
  });

  test('tells whether another version may have waited.', async () => {
    await add(version('m1', 1), version('m1', 2), version('m2', 1));
    const leased = await lease();
    const one = (id: string) => leased.filter((d) => d.resourceId === id);
    const settle = async (id: string): Promise<boolean> =>
      (await settleDeliveries(pool, one(id).map((delivery) => ({ delivery, outcome: { state: 'delivered' } })))).isAwaited; // prettier-ignore
    expect(await settle('m2')).toBe(false);
    expect(await settle('m1')).toBe(true);
  });
});

describe('A later version', () => {
  test('waits until the earlier one is finished, for the same Subscription only.', async () => {
    await add(version('m1', 1), version('m1', 2), version('m2', 2), version('m1', 2, 's2'));
    const first = await lease();
    expect(names(first)).toEqual(['s1 m1/1', 's1 m2/2', 's2 m1/2']);
    expect(await lease()).toHaveLength(0);
    const earlier = first.find((d) => d.versionId === 1);
    if (earlier === undefined) throw new Error('nothing leased');
    const later = { state: 'pending', delayMs: 60_000, reason: 'x', counted: true } as const;
    await settleDeliveries(pool, [{ delivery: earlier, outcome: later }]);
    expect(await lease()).toHaveLength(0);
    await pool.query('update subscription_delivery set next_attempt_at = now() where id = $1', [earlier.id]);
    const [again] = await lease();
    if (again === undefined) throw new Error('nothing leased');
    await finish(again, 'failed', 'x');
    expect(names(await lease())).toEqual(['s1 m1/2']);
  });

  test('waits while the earlier event is still in the outbox, in the hands of another worker.', async () => {
    await pool.query(
      `insert into outbox (id, resource_type, resource_id, version_id, interaction, created_at)
       values (gen_random_uuid(), 'Media', 'm1', 1, 'create', now())`,
    );
    await add(version('m1', 2));
    expect(await lease()).toHaveLength(0);
    await pool.query('delete from outbox');
    expect(names(await lease())).toEqual(['s1 m1/2']);
  });
});

test('What was given up is sent again when its Subscription is written again.', async () => {
  await add(version('m1', 1));
  const [delivery] = await lease();
  if (delivery === undefined) throw new Error('nothing leased');
  await finish(delivery, 'failed', 'x');
  expect(await lease()).toHaveLength(0);
  const client = await pool.connect();
  await replayFailed(client, ['s1']);
  client.release();
  expect((await lease())[0]).toMatchObject({ id: delivery.id, attempt: 1 });
});

test('What waits and what was given up is counted for each Subscription.', async () => {
  await add(version('m1', 1), version('m2', 1), version('m3', 1), version('m4', 1, 's2'));
  for (const delivery of await lease()) {
    if (delivery.resourceId === 'm1') await finish(delivery, 'failed', 'HTTP 500');
    if (delivery.resourceId === 'm4') await finish(delivery, 'delivered');
  }
  await pool.query(
    "update subscription_delivery set created_at = now() - interval '90 s' where resource_id = 'm2'",
  );
  const [only, ...others] = await deliveryFigures(pool);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ subscriptionId: 's1', pending: 2, failed: 1, lastError: 'HTTP 500' });
  expect(Math.round((only?.lagMs ?? 0) / 10_000)).toBe(9);
});

test('What was given up stays for as long as its Subscription collects.', async () => {
  await add(version('m1', 1), version('m1', 1, 's2'));
  for (const delivery of await lease()) await finish(delivery, 'failed', 'x');
  expect(await purgeDeliveries(pool, -1_000, ['s1'])).toBe(1);
  const { rows } = await pool.query('select subscription_id from subscription_delivery');
  expect(rows).toEqual([{ subscription_id: 's1' }]);
});

test('Finished deliveries are removed after the retention, pending ones never.', async () => {
  await add(version('m1', 1), version('m2', 1));
  const [delivery] = await lease(60_000, 1);
  if (delivery === undefined) throw new Error('nothing leased');
  await finish(delivery, 'delivered');
  expect(await purgeDeliveries(pool, 60_000, [])).toBe(0);
  expect(await purgeDeliveries(pool, -1_000, ['s1'])).toBe(1);
  expect((await pool.query('select 1 from subscription_delivery')).rowCount).toBe(1);
});
