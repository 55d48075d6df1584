/** Leases and order on a real PostgreSQL: what is sent, by whom, and what has to wait. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  deliveryFigures,
  finishDelivery,
  insertDeliveries,
  leaseDeliveries,
  postponeDelivery,
  purgeDeliveries,
  renewLease,
  replayFailed,
  type NewDelivery,
} from '../../src/subscription/delivery-store.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  // `end` resolves before the server has seen it, so that dropping the database may still cut a connection.
  pool.on('error', () => undefined);
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

  test('ends when a worker dies, and the next attempt is counted.', async () => {
    await add(version('m1', 1));
    const [first] = await lease(30);
    expect(first?.attempt).toBe(1);
    expect(await lease()).toHaveLength(0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [second] = await lease();
    expect(second).toMatchObject({ id: first?.id, attempt: 2 });
    if (first === undefined) throw new Error('nothing leased');
    expect(await renewLease(pool, first, 1_000)).toBe(false);
    expect(await finishDelivery(pool, first, 'delivered')).toBe(false);
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
    await postponeDelivery(pool, earlier, { delayMs: 60_000, reason: 'x', counted: true });
    expect(await lease()).toHaveLength(0);
    await pool.query('update subscription_delivery set next_attempt_at = now() where id = $1', [earlier.id]);
    const [again] = await lease();
    if (again === undefined) throw new Error('nothing leased');
    await finishDelivery(pool, again, 'failed', 'x');
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
  await finishDelivery(pool, delivery, 'failed', 'x');
  expect(await lease()).toHaveLength(0);
  const client = await pool.connect();
  await replayFailed(client, ['s1']);
  client.release();
  expect((await lease())[0]).toMatchObject({ id: delivery.id, attempt: 1 });
});

test('What waits and what was given up is counted for each Subscription.', async () => {
  await add(version('m1', 1), version('m2', 1), version('m3', 1), version('m4', 1, 's2'));
  for (const delivery of await lease()) {
    if (delivery.resourceId === 'm1') await finishDelivery(pool, delivery, 'failed', 'HTTP 500');
    if (delivery.resourceId === 'm4') await finishDelivery(pool, delivery, 'delivered');
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
  for (const delivery of await lease()) await finishDelivery(pool, delivery, 'failed', 'x');
  expect(await purgeDeliveries(pool, -1_000, ['s1'])).toBe(1);
  const { rows } = await pool.query('select subscription_id from subscription_delivery');
  expect(rows).toEqual([{ subscription_id: 's1' }]);
});

test('Finished deliveries are removed after the retention, pending ones never.', async () => {
  await add(version('m1', 1), version('m2', 1));
  const [delivery] = await lease(60_000, 1);
  if (delivery === undefined) throw new Error('nothing leased');
  await finishDelivery(pool, delivery, 'delivered');
  expect(await purgeDeliveries(pool, 60_000, [])).toBe(0);
  expect(await purgeDeliveries(pool, -1_000, ['s1'])).toBe(1);
  expect((await pool.query('select 1 from subscription_delivery')).rowCount).toBe(1);
});
