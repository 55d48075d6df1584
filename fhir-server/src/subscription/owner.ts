/** Who asked for a Subscription: notifications are sent with the rights that this client or user has at delivery. */
import type { Principal } from '../access/index.ts';
import type { Pool, PoolClient } from '../db/index.ts';

export interface SubscriptionOwner {
  readonly clientId: string;
  readonly userId?: string;
}

/** Remembers the author of a Subscription; call it in the transaction that writes the resource. The last writer owns it. */
export async function recordSubscriptionOwner(
  client: PoolClient,
  subscriptionId: string,
  principal: Pick<Principal, 'clientId' | 'userId'>,
): Promise<void> {
  await client.query({
    name: 'subscription_owner_record',
    text: `insert into subscription_owner (subscription_id, client_id, user_id) values ($1, $2, $3)
      on conflict (subscription_id)
      do update set client_id = excluded.client_id, user_id = excluded.user_id, recorded_at = now()`,
    values: [subscriptionId, principal.clientId, principal.userId ?? null],
  });
}

/** The recorded author, or undefined when there is none: then nothing may be sent. */
export async function loadSubscriptionOwner(
  pool: Pool,
  subscriptionId: string,
): Promise<SubscriptionOwner | undefined> {
  const { rows } = await pool.query<{ client_id: string; user_id: string | null }>({
    name: 'subscription_owner_load',
    text: 'select client_id, user_id from subscription_owner where subscription_id = $1',
    values: [subscriptionId],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  return { clientId: row.client_id, ...(row.user_id === null ? {} : { userId: row.user_id }) };
}
