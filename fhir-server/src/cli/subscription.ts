/** `cli.ts subscription …`: what waits to be delivered, and what is to be sent again. */
import { createPool } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { ConfigError, type Config } from '../platform/config.ts';
import { deliveryFigures, replaySubscription } from '../subscription/index.ts';
import { createOfflineServer } from './offline-server.ts';

export async function listSubscriptions(config: Config): Promise<void> {
  const pool = createPool(config);
  try {
    const figures = await deliveryFigures(pool);
    if (figures.length === 0) console.log('Everything is delivered.');
    for (const { subscriptionId, pending, failed, lagMs, lastError } of figures) {
      const lag = pending === 0 ? '' : `, the oldest for ${Math.round(lagMs / 1_000)} s`;
      const reason = lastError === undefined ? '' : `; last: ${lastError}`;
      console.log(`Subscription/${subscriptionId}: ${pending} wait${lag}; ${failed} given up${reason}`);
    }
  } finally {
    await pool.end();
  }
}

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
