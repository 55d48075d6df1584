/** Who asked for a Subscription: notifications are sent with the rights that he has at delivery, and never more than his token had. */
import type { Principal } from '../access/index.ts';
import type { Pool, PoolClient } from '../db/index.ts';

export interface SubscriptionOwner {
  readonly clientId: string;
  readonly userId?: string;
  /** Of the token; undefined for those of an older version. */
  readonly scopes?: readonly string[];
  /** Its launch context. */
  readonly patient?: string;
  readonly encounter?: string;
  /** With which the notifications end. */
  readonly grantId?: string;
}

type Author = Pick<Principal, 'clientId' | 'userId' | 'scopes' | 'patient' | 'encounter' | 'grantId'>;

/** Remembers the author of a Subscription; call it in the transaction that writes the resource. The last writer owns it. */
export async function recordSubscriptionOwner(
  client: PoolClient,
  subscriptionId: string,
  { clientId, userId, scopes, patient, encounter, grantId }: Author,
): Promise<void> {
  await client.query({
    name: 'subscription_owner_record',
    text: `insert into subscription_owner (subscription_id, client_id, user_id, scopes, patient, encounter, grant_id)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (subscription_id) do update set client_id = excluded.client_id, user_id = excluded.user_id,
        scopes = excluded.scopes, patient = excluded.patient, encounter = excluded.encounter,
        grant_id = excluded.grant_id, recorded_at = now()`,
    values: [
      subscriptionId,
      clientId,
      userId ?? null,
      scopes.map(({ text }) => text),
      patient ?? null,
      encounter ?? null,
      grantId ?? null,
    ],
  });
}

/** Whether somebody is the author: what his Subscription has counted tells of what he may read, and is for no one else. */
export const isOwner = (
  owner: SubscriptionOwner | undefined,
  { clientId, userId }: Pick<Principal, 'clientId' | 'userId'>,
): boolean => owner !== undefined && owner.clientId === clientId && owner.userId === userId;

interface OwnerRow {
  readonly subscription_id: string;
  readonly client_id: string;
  readonly user_id: string | null;
  readonly scopes: string[] | null;
  readonly patient: string | null;
  readonly encounter: string | null;
  readonly grant_id: string | null;
}

/** The recorded authors by Subscription. Where there is none nothing may be sent. */
export async function loadSubscriptionOwners(
  pool: Pool | PoolClient,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, SubscriptionOwner>> {
  const { rows } = await pool.query<OwnerRow>({
    name: 'subscription_owners_load',
    text: `select subscription_id, client_id, user_id, scopes, patient, encounter, grant_id
      from subscription_owner where subscription_id = any ($1::text[])`,
    values: [subscriptionIds],
  });
  return new Map(
    rows.map((row) => [
      row.subscription_id,
      {
        clientId: row.client_id,
        ...(row.user_id === null ? {} : { userId: row.user_id }),
        ...(row.scopes === null ? {} : { scopes: row.scopes }),
        ...(row.patient === null ? {} : { patient: row.patient }),
        ...(row.encounter === null ? {} : { encounter: row.encounter }),
        ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
      },
    ]),
  );
}
