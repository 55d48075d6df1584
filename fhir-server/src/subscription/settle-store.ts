/** What became of leased deliveries, in PostgreSQL: one statement for many of them. */
import { withTransaction, type Pool, type PoolClient } from '../db/index.ts';
import type { Delivery } from './delivery-store.ts';

export type FinalState = 'delivered' | 'failed' | 'refused' | 'cancelled';

export type Outcome =
  | { readonly state: FinalState; readonly reason?: string }
  /** Given back, due again after `delayMs`. With `counted: false` this attempt does not count. */
  | {
      readonly state: 'pending';
      readonly delayMs: number;
      readonly counted: boolean;
      readonly reason?: string;
    };

export interface Settlement {
  readonly delivery: Delivery;
  readonly outcome: Outcome;
}

export interface Settled {
  /** Ids of those that were still ours: a lease that was lost to another worker is no longer ours to settle. */
  readonly ours: ReadonlySet<string>;
  /** Whether another version of one of the resources is pending for the same Subscription, which may have waited. */
  readonly isAwaited: boolean;
}

/**
 * Does not wait for the disk: what a crash of PostgreSQL takes back was delivered, and is delivered again, as at-least-once
 * permits. Log records are kept in their order, so that no later version is settled while an earlier one is taken back.
 */
export async function settleDeliveries(pool: Pool, settlements: readonly Settlement[]): Promise<Settled> {
  const rows = await withTransaction(pool, async (client) => {
    const [, result] = await Promise.all([
      client.query('set local synchronous_commit = off'),
      update(client, settlements),
    ]);
    return result.rows;
  });
  return { ours: new Set(rows.map((r) => r.id)), isAwaited: rows.some((r) => r.awaited) };
}

const update = (client: PoolClient, settlements: readonly Settlement[]) =>
  client.query<{ id: string; awaited: boolean }>({
    name: 'delivery_settle',
    text: `update subscription_delivery d
      set state = s.state, lease = null, last_error = s.reason, attempt = d.attempt - s.uncounted,
        finished_at = case when s.state <> 'pending' then now() end,
        next_attempt_at = case when s.state = 'pending'
          then now() + s.delay_ms * interval '1 millisecond' else d.next_attempt_at end
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::float8[])
        as s (id, lease, state, reason, uncounted, delay_ms)
      where d.id = s.id and d.lease = s.lease and d.state = 'pending'
      returning d.id, exists (
        select 1 from subscription_delivery e
        where e.state = 'pending' and e.subscription_id || '' = d.subscription_id
          and e.resource_type = d.resource_type and e.resource_id = d.resource_id
          and e.version_id <> d.version_id) as awaited`,
    values: [
      settlements.map(({ delivery }) => delivery.id),
      settlements.map(({ delivery }) => delivery.lease),
      settlements.map(({ outcome }) => outcome.state),
      settlements.map(({ outcome }) => outcome.reason ?? null),
      settlements.map(({ outcome }) => (outcome.state === 'pending' && !outcome.counted ? 1 : 0)),
      settlements.map(({ outcome }) => (outcome.state === 'pending' ? outcome.delayMs : 0)),
    ],
  });

/** Ids of those whose lease goes on; the others are lost to another worker. */
export async function renewLeases(
  pool: Pool,
  deliveries: readonly Delivery[],
  leaseMs: number,
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'delivery_renew',
    text: `update subscription_delivery d set next_attempt_at = now() + $3 * interval '1 millisecond'
      from unnest($1::uuid[], $2::uuid[]) as s (id, lease)
      where d.id = s.id and d.lease = s.lease and d.state = 'pending'
      returning d.id`,
    values: [deliveries.map((d) => d.id), deliveries.map((d) => d.lease), leaseMs],
  });
  return new Set(rows.map((r) => r.id));
}
