/** $events of a Subscription: what was missed, by the rights of who asks. http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events */
import type { Subscription } from '@medplum/fhirtypes';
import { badRequest, FhirError, forbidden, issue } from '../fhir/outcome.ts';
import { loadCurrent, type Operation } from '../interaction/index.ts';
import {
  BACKPORT,
  contentOf,
  countEvents,
  isOwner,
  isTopicBased,
  loadEvents,
  loadSubscriptionOwners,
  loadTopicOf,
  notificationText,
  type PayloadContent,
  CONTENTS,
  showEvents,
} from '../subscription/index.ts';
import { OperationInput } from './operation-input.ts';

/** In one answer; who wants more asks from the next number on. */
const EVENTS_MAX = 100;

export const subscriptionEvents: Operation = {
  name: '$events',
  at: [{ level: 'instance', resourceType: 'Subscription' }],
  affectsState: false,
  definition: `${BACKPORT}/OperationDefinition/backport-subscription-events`,
  async run(request, { id = '', ...call }) {
    const input = new OperationInput(
      request.server,
      { id, ...call },
      {
        eventsSinceNumber: 'whole',
        eventsUntilNumber: 'whole',
        content: 'text',
      },
    );
    const version = await loadCurrent(request, 'Subscription', id);
    const subscription = JSON.parse(version.content) as Subscription;
    const { pool, registry, config } = request.server;
    const { fhirBase } = config;
    if (!isOwner((await loadSubscriptionOwners(pool, [id])).get(id), request.principal))
      throw forbidden('Events are for the author of the Subscription alone', `Subscription/${id}`);
    if (!isTopicBased(subscription))
      throw new FhirError(422, [issue('not-supported', 'Only topic-based Subscriptions have numbered events', 'Subscription.criteria')]); // prettier-ignore
    const wanted = input.text('content');
    const content: PayloadContent = CONTENTS.find((c) => c === wanted) ?? contentOf(subscription);
    if (wanted !== undefined && wanted !== content)
      throw badRequest(`content must be one of ${CONTENTS.join(', ')}`, 'content');
    const count = (await countEvents(pool, [id])).get(id) ?? 0;
    const range = {
      from: input.whole('eventsSinceNumber') ?? 1,
      to: input.whole('eventsUntilNumber') ?? count,
      limit: EVENTS_MAX,
    };
    // Nothing is included where nothing is told.
    const topic =
      content === 'empty'
        ? undefined
        : await loadTopicOf(pool, subscription, { registry, baseUrl: fhirBase });
    const { events } = await showEvents(request, { topic, content }, await loadEvents(pool, id, range));
    const body = notificationText({
      fhirBase,
      subscription,
      type: 'query-event',
      count,
      events,
      content,
    });
    return { status: 200, headers: {}, body };
  },
};
