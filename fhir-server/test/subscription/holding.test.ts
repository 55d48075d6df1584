/** Leases of a worker on a real PostgreSQL: renewed while they are held, noticed when lost, settled together. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createPool, type Pool } from '../../src/db/index.ts';
import { type Delivery, insertDeliveries, leaseDeliveries } from '../../src/subscription/delivery-store.ts';
import { createHolding, type Holding } from '../../src/subscription/holding.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const LEASE_MS = 600;

let database: TestDatabase;
let pool: Pool;
let holding: Holding;
let awaited: boolean[] = [];

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
  awaited = [];
  const settling = () => (isAwaited: boolean) => void awaited.push(isAwaited);
  holding = createHolding({ pool, leaseMs: LEASE_MS, logger: pino({ level: 'silent' }), settling });
});
afterEach(() => holding.close());

async function hold(count: number): Promise<readonly Delivery[]> {
  const client = await pool.connect();
  const one = (i: number) => ({ subscriptionId: 's1', resourceType: 'Media', resourceId: `m${i}`, versionId: 1 }); // prettier-ignore
  await insertDeliveries(client, Array.from({ length: count }, (_, i) => one(i))); // prettier-ignore
  client.release();
  const leasedAt = performance.now();
  const leased = await leaseDeliveries(pool, { limit: count, leaseMs: LEASE_MS });
  holding.hold(leased, leasedAt);
  return leased;
}

test('Held leases outlast their time, and what ends within a moment is settled by one statement.', async () => {
  const leased = await hold(20);
  await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
  expect(await leaseDeliveries(pool, { limit: 20, leaseMs: LEASE_MS })).toEqual([]);
  expect(holding.counts.get('s1')).toBe(20);
  const ours = await Promise.all(leased.map((d) => holding.settle(d, { state: 'delivered' })));
  expect(ours).toEqual(leased.map(() => true));
  expect(awaited).toEqual([false]);
  expect(holding.size).toBe(0);
});

test('A lease that another worker took breaks off what is under way, and is no longer ours to settle.', async () => {
  const [lost] = await hold(2);
  if (lost === undefined) throw new Error('nothing leased');
  const signal = holding.signalOf(lost);
  const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
  await pool.query('update subscription_delivery set lease = gen_random_uuid() where id = $1', [lost.id]);
  await aborted;
  expect(holding.signalOf(lost)).toBeUndefined();
  expect(await holding.settle(lost, { state: 'delivered' })).toBe(false);
  const { rows } = await pool.query<{ state: string }>('select distinct state from subscription_delivery');
  expect(rows).toEqual([{ state: 'pending' }]);
  expect(holding.size).toBe(1);
});
