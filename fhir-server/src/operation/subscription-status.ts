/** $status of Subscriptions. http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status */
import { randomUUID } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import { discloseVersion, loadCurrent, type Operation, type OperationCall, permit, type Request } from '../interaction/index.ts'; // prettier-ignore
import { ALL, type Expression } from '../search/index.ts';
import { findIds, type StoredVersion } from '../storage/index.ts';
import {
  BACKPORT,
  countEvents,
  isOwner,
  loadSubscriptionOwners,
  statusParameters,
} from '../subscription/index.ts';
import { OperationInput } from './operation-input.ts';

const SUBSCRIPTIONS_MAX = 200;

export const subscriptionStatus: Operation = {
  name: '$status',
  at: [
    { level: 'type', resourceType: 'Subscription' },
    { level: 'instance', resourceType: 'Subscription' },
  ],
  affectsState: false,
  definition: `${BACKPORT}/OperationDefinition/backport-subscription-status`,
  instantiates: `${BACKPORT}/CapabilityStatement/backport-subscription-server-r4`,
  async run(request, call) {
    const input = new OperationInput(request.server, call, { id: 'text*', status: 'text*' });
    const found = await loadAsked(request, call, input.texts('id'));
    const wanted = input.texts('status').flatMap((text) => text.split(','));
    const all = found.map(({ content }) => JSON.parse(content) as Subscription);
    const subscriptions = all.filter(({ status }) => wanted.length === 0 || wanted.includes(status));
    const { pool, config } = request.server;
    const ids = subscriptions.map(({ id }) => id ?? '');
    const [counts, owners] = await Promise.all([countEvents(pool, ids), loadSubscriptionOwners(pool, ids)]);
    const countFor = (id: string): number | undefined =>
      isOwner(owners.get(id), request.principal) ? (counts.get(id) ?? 0) : undefined;
    const { fhirBase } = config;
    const entry = subscriptions.map((subscription) => ({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: statusParameters({
        fhirBase,
        subscription,
        type: 'query-status',
        count: countFor(subscription.id ?? ''),
        events: [],
        content: 'empty',
      }),
      search: { mode: 'match' },
    }));
    const bundle = { resourceType: 'Bundle', id: randomUUID(), type: 'searchset', total: entry.length };
    const body = JSON.stringify(entry.length === 0 ? bundle : { ...bundle, entry });
    return { status: 200, headers: {}, body };
  },
};

/** Those of the ids that the caller may read; without ids all that he may find. */
async function loadAsked(
  request: Request,
  { id }: OperationCall,
  given: readonly string[],
): Promise<readonly StoredVersion[]> {
  if (id !== undefined) return [await loadCurrent(request, 'Subscription', id)];
  const ids = given.flatMap((text) => text.split(',')).map((text) => text.replace(/^Subscription\//, ''));
  if (ids.length > SUBSCRIPTIONS_MAX) throw badRequest(`At most ${SUBSCRIPTIONS_MAX} ids are asked for at once`, 'id'); // prettier-ignore
  const permitted = permit(request, 'search-type', 'Subscription');
  const { server, db } = request;
  if (!(await server.tables.exists('Subscription'))) return [];
  const named: Expression = ids.length === 0 ? ALL : { kind: 'id', ids };
  const found = await findIds(db, server.registry, 'Subscription', named, permitted, SUBSCRIPTIONS_MAX);
  return found.map((version) => discloseVersion(request, 'Subscription', version));
}
