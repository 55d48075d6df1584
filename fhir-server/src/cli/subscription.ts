/** `cli.ts subscription …`: what waits to be delivered, and what is to be sent again. */
import { createPool } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { ConfigError, type Config } from '../platform/config.ts';
import {
  deliveryFigures,
  replaySubscription,
  type TopicFigures,
  topicFigures,
} from '../subscription/index.ts';
import { createOfflineServer } from './offline-server.ts';

export async function listSubscriptions(config: Config): Promise<void> {
  const pool = createPool(config);
  try {
    const [figures, topical] = await Promise.all([deliveryFigures(pool), topicFigures(pool)]);
    if (figures.length === 0 && topical.every(({ waiting }) => waiting === 0))
      console.log('Everything is delivered.');
    for (const { subscriptionId, pending, failed, lagMs, lastError } of figures)
      console.log(
        `Subscription/${subscriptionId}: ${pending} wait${lagOf(pending, lagMs)}; ${failed} given up${last(lastError)}`,
      );
    for (const of of topical) console.log(topicLine(of));
  } finally {
    await pool.end();
  }
}

function topicLine({
  subscriptionId,
  status,
  channel,
  events,
  waiting,
  lagMs,
  lastError,
}: TopicFigures): string {
  const of =
    channel === 'rest-hook' ? `${waiting} of ${events} events wait` : `${events} events, by ${channel}`;
  return `Subscription/${subscriptionId} by topic, ${status}: ${of}${lagOf(waiting, lagMs)}${last(lastError)}`;
}

const lagOf = (count: number, lagMs: number): string =>
  count === 0 ? '' : `, the oldest for ${Math.round(lagMs / 1_000)} s`;

const last = (error: string | undefined): string => (error === undefined ? '' : `; last: ${error}`);

export async function replay(readConfig: () => Config, id: string, since: string | undefined): Promise<void> {
  const from = since === undefined ? undefined : new Date(since);
  if (from !== undefined && Number.isNaN(from.getTime()))
    throw new ConfigError('--since must be an instant, such as 2026-01-31T08:00:00Z');
  const config = readConfig();
  const pool = createPool(config);
  try {
    const count = await replaySubscription(await createOfflineServer(config, pool), id, from);
    console.log(`To be sent again for Subscription/${id}: ${count}`);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await pool.end();
  }
}
