/** Which topic-based Subscriptions have something to send by rest-hook, leased one notification at a time. */
import type { Pool, PoolClient } from '../../db/index.ts';

export interface Turn {
  readonly subscriptionId: string;
  readonly isHandshakeDue: boolean;
  /** Numbers given out. */
  readonly events: number;
  /** The last number that was taken. */
  readonly delivered: number;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly lease: string;
}

interface TurnRow {
  readonly subscription_id: string;
  readonly handshake_due: boolean;
  readonly events: string;
  readonly delivered: string;
  readonly attempt: number;
  readonly lease: string;
}

const DUE = `not paused and channel = 'rest-hook' and next_attempt_at <= now() and (handshake_due or events > delivered
  or (heartbeat_s is not null and last_sent_at + heartbeat_s * interval '1 second' <= now()))`;
const ON_TRIAL = '(handshake_due or attempt > 0)';

/** Whether it is not known that the endpoint takes anything: it has not taken the handshake, or not what was sent last. */
export const isOnTrial = ({ isHandshakeDue, attempt }: Pick<Turn, 'isHandshakeDue' | 'attempt'>): boolean =>
  isHandshakeDue || attempt > 1;

/**
 * A Subscription's notifications go one after the other; its turn is over when the lease is. Of all turns, at most `limit`, no
 * more than `trials` are of Subscriptions on trial.
 */
export async function leaseTurns(
  pool: Pool,
  options: { readonly limit: number; readonly trials: number; readonly leaseMs: number },
): Promise<readonly Turn[]> {
  const { rows } = await pool.query<TurnRow>({
    name: 'topic_turn_lease',
    text: `with proven as (
        select subscription_id, next_attempt_at from subscription_topic where ${DUE} and not ${ON_TRIAL}
        order by next_attempt_at limit $1 for update skip locked),
      on_trial as (
        select subscription_id, next_attempt_at from subscription_topic where ${DUE} and ${ON_TRIAL}
        order by next_attempt_at limit $3 for update skip locked),
      due as (
        select * from proven union all select * from on_trial order by next_attempt_at limit $1)
      update subscription_topic t set lease = gen_random_uuid(), attempt = t.attempt + 1,
        next_attempt_at = now() + $2 * interval '1 millisecond'
      from due where t.subscription_id = due.subscription_id
      returning t.subscription_id, t.handshake_due, t.events::text, t.delivered::text, t.attempt, t.lease`,
    values: [options.limit, options.leaseMs, options.trials],
  });
  return rows.map((row) => ({
    subscriptionId: row.subscription_id,
    isHandshakeDue: row.handshake_due,
    events: Number(row.events),
    delivered: Number(row.delivered),
    attempt: row.attempt,
    lease: row.lease,
  }));
}

/** It was taken; false when the turn is no longer ours. */
export async function finishTurn(
  pool: Pool,
  turn: Turn,
  { delivered, isSent }: { readonly delivered: number; readonly isSent: boolean },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'topic_turn_finish',
    text: `update subscription_topic set handshake_due = handshake_due and not $3, delivered = $4, attempt = 0, lease = null, last_error = null,
        next_attempt_at = now(), last_sent_at = case when $5 then now() else last_sent_at end
      where subscription_id = $1 and lease = $2`,
    values: [turn.subscriptionId, turn.lease, turn.isHandshakeDue, delivered, isSent],
  });
  return rowCount === 1;
}

/** It is tried again after the delay, and without one not before the Subscription is written again. The reason is for operators. */
export async function postponeTurn(
  pool: Pool,
  turn: Turn,
  { delayMs, reason }: { readonly delayMs?: number | undefined; readonly reason?: string | undefined },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'topic_turn_postpone',
    text: `update subscription_topic set lease = null, paused = $3::float8 is null, last_error = $4,
        next_attempt_at = now() + coalesce($3::float8, 0) * interval '1 millisecond'
      where subscription_id = $1 and lease = $2`,
    values: [turn.subscriptionId, turn.lease, delayMs ?? null, reason ?? null],
  });
  return rowCount === 1;
}

/** A fault that is not the endpoint's: the attempt does not count. */
export async function giveTurnBack(pool: Pool, turn: Turn, delayMs: number): Promise<void> {
  await pool.query({
    name: 'topic_turn_give_back',
    text: `update subscription_topic set lease = null, attempt = greatest(attempt - 1, 0),
        next_attempt_at = now() + $3::float8 * interval '1 millisecond'
      where subscription_id = $1 and lease = $2`,
    values: [turn.subscriptionId, turn.lease, delayMs],
  });
}

/** False when the Subscription was written again, or the lease has run out and another has it. */
export async function isTurnOurs(pool: Pool, turn: Turn): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'topic_turn_ours',
    text: 'select 1 from subscription_topic where subscription_id = $1 and lease = $2',
    values: [turn.subscriptionId, turn.lease],
  });
  return rowCount === 1;
}

/** Goes on, and with `since` from the first event of that time. Answers how many events are to be sent. */
export async function resumeTopic(
  client: PoolClient,
  subscriptionId: string,
  since: Date | undefined,
): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `update subscription_topic t set paused = false, attempt = 0, lease = null, next_attempt_at = now(),
       delivered = least(t.delivered, coalesce((select min(event_number) - 1 from subscription_event e
         where e.subscription_id = t.subscription_id and e.recorded_at >= $2::timestamptz), t.delivered))
     where subscription_id = $1 returning (events - delivered)::text as count`,
    [subscriptionId, since ?? null],
  );
  return Number(rows[0]?.count ?? 0);
}
