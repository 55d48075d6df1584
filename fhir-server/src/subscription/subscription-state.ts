/** A Subscription that cannot be delivered says so itself: status `error` with the reason, until it is sent again. https://hl7.org/fhir/R4/subscription.html */
import type { Subscription } from '@medplum/fhirtypes';
import { parseScope, type Principal } from '../access/index.ts';
import type { PoolClient } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { commitWrites, etag, inWriteTransaction, loadCurrent, type Server } from '../interaction/index.ts';
import { replayDeliveries } from './delivery-store.ts';
import { resumeTopic } from './topic/state-store.ts';

/** The worker's own rights: Subscriptions, and nothing else. */
const WORKER: Principal = {
  kind: 'client',
  clientId: 'subscription-worker',
  scopes: [parseScope('system/Subscription.ru')!],
  policy: {
    name: 'subscription-worker',
    rules: [{ resourceType: 'Subscription', interactions: ['read', 'update'] }],
  },
};

/**
 * The server must have no write rule for Subscription: the worker does not become the owner of what it marks. A
 * Subscription that was changed or deleted meanwhile is left as it is.
 */
export function createMarkInError(server: Server): (id: string, text: string) => Promise<void> {
  return async (id, text) => {
    try {
      await change(server, id, (subscription) => ({ ...subscription, status: 'error', error: text }));
    } catch (error) {
      if (!(error instanceof FhirError) || error.status >= 500) throw error;
    }
  };
}

/** The endpoint has taken the handshake. A Subscription that was changed or deleted meanwhile is left as it is. */
export function createMarkActive(server: Server): (id: string) => Promise<void> {
  return async (id) => {
    try {
      await change(server, id, ({ error: _error, ...subscription }) =>
        subscription.status === 'requested' ? { ...subscription, status: 'active' } : undefined,
      );
    } catch (error) {
      if (!(error instanceof FhirError) || error.status >= 500) throw error;
    }
  };
}

/**
 * Sends again what was given up, and with `since` everything from then on, in the order of versions and with the ids of the first
 * time; a Subscription in `error` becomes `active`. Answers how many notifications there are. `record` runs in the same
 * transaction. Throws 404 and 410 for a Subscription that is not there.
 */
export async function replaySubscription(
  server: Server,
  id: string,
  since?: Date,
  record?: (client: PoolClient) => Promise<void>,
): Promise<number> {
  let count = 0;
  const again = async (client: PoolClient): Promise<void> => {
    count = (await replayDeliveries(client, id, since)) + (await resumeTopic(client, id, since));
    await record?.(client);
  };
  await change(
    server,
    id,
    ({ error: _error, ...subscription }) =>
      subscription.status === 'error' ? { ...subscription, status: 'active' } : undefined,
    again,
  );
  return count;
}

/** `edit` answers undefined where nothing is to be written; `beside` runs in the same transaction. */
async function change(
  server: Server,
  id: string,
  edit: (subscription: Subscription) => Subscription | undefined,
  beside?: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const request = { server, principal: WORKER, db: server.reader };
  const version = await loadCurrent(request, 'Subscription', id);
  const resource = edit(JSON.parse(version.content) as Subscription);
  await inWriteTransaction(request, ['Subscription'], async (client) => {
    if (resource !== undefined)
      await commitWrites(request, client, [
        {
          interaction: 'update',
          resourceType: 'Subscription',
          id,
          resource,
          ifMatch: etag(version.versionId),
        },
      ]);
    await beside?.(client);
  });
}
