/** A Subscription that cannot be delivered says so itself: status `error` with the reason. https://hl7.org/fhir/R4/subscription.html */
import type { Subscription } from '@medplum/fhirtypes';
import { parseScope, type Principal } from '../access/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { commitWrites, etag, inWriteTransaction, loadCurrent, type Server } from '../interaction/index.ts';

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
    const request = { server, principal: WORKER, db: server.reader };
    try {
      const version = await loadCurrent(request, 'Subscription', id);
      const subscription = JSON.parse(version.content) as Subscription;
      const resource: Subscription = { ...subscription, status: 'error', error: text };
      await inWriteTransaction(request, ['Subscription'], (client) =>
        commitWrites(request, client, [
          {
            interaction: 'update',
            resourceType: 'Subscription',
            id,
            resource,
            ifMatch: etag(version.versionId),
          },
        ]),
      );
    } catch (error) {
      if (!(error instanceof FhirError) || error.status >= 500) throw error;
    }
  };
}
