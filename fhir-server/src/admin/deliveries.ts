/** Notifications of Subscriptions that wait or were given up, and how they are sent again. */
import { badRequest } from '../fhir/outcome.ts';
import type { Administrator } from './administrator.ts';
import type { AdminServices, DeliveryFigures } from './context.ts';
import { recordChange } from './record-change.ts';

/** Those whose notifications are all done have none. */
export const listDeliveries = ({ deliveries }: AdminServices): Promise<readonly DeliveryFigures[]> =>
  deliveries.figures();

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Answers how many are sent again. Throws FhirError 400, 404 and 410. */
export async function replayDeliveries(
  { deliveries }: AdminServices,
  by: Administrator,
  id: string,
  since: string | undefined,
): Promise<number> {
  const from = since === undefined ? undefined : new Date(INSTANT.test(since) ? since : NaN);
  if (from !== undefined && Number.isNaN(from.getTime()))
    throw badRequest('since must be an instant, such as 2026-01-31T08:00:00Z', 'since');
  return deliveries.replay(id, from, (db) =>
    recordChange(db, by, { code: 'alert', action: 'E', what: 'notifications of a Subscription sent again' }),
  );
}
