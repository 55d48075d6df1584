/** $get-ws-binding-token: what binds a websocket to Subscriptions. http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token */
import type { Parameters, Subscription } from '@medplum/fhirtypes';
import { badRequest, FhirError, forbidden, issue } from '../fhir/outcome.ts';
import { loadCurrent, type Operation } from '../interaction/index.ts';
import { socketUrl } from '../platform/socket-url.ts';
import {
  BACKPORT,
  isOwner,
  isTopicBased,
  issueToken,
  loadSubscriptionOwners,
} from '../subscription/index.ts';
import { OperationInput } from './operation-input.ts';

const SUBSCRIPTIONS_MAX = 50;

export const socketToken: Operation = {
  name: '$get-ws-binding-token',
  at: [
    { level: 'type', resourceType: 'Subscription' },
    { level: 'instance', resourceType: 'Subscription' },
  ],
  affectsState: false,
  definition: `${BACKPORT}/OperationDefinition/backport-subscription-get-ws-binding-token`,
  async run(request, call) {
    const input = new OperationInput(request.server, call, { ids: 'text*', id: 'text*' });
    const given = [...input.texts('ids'), ...input.texts('id')].flatMap((text) => text.split(','));
    const ids = call.id === undefined ? [...new Set(given)] : [call.id];
    if (ids.length === 0) throw badRequest('Parameter ids: the Subscriptions to bind to are expected', 'ids');
    if (ids.length > SUBSCRIPTIONS_MAX) throw badRequest(`At most ${SUBSCRIPTIONS_MAX} ids are bound at once`, 'ids'); // prettier-ignore
    const { pool, config } = request.server;
    const owners = await loadSubscriptionOwners(pool, ids);
    // Each must be there for the caller, be his own, and send by websocket; otherwise there is no token at all.
    for (const id of ids) {
      const { content } = await loadCurrent(request, 'Subscription', id);
      if (!isOwner(owners.get(id), request.principal))
        throw forbidden('A token is for the author of the Subscription alone', `Subscription/${id}`);
      const subscription = JSON.parse(content) as Subscription;
      if (subscription.channel?.type === 'websocket' && isTopicBased(subscription)) continue;
      const text = `Subscription/${id} does not send by websocket`;
      throw new FhirError(422, [issue('business-rule', text, 'Subscription.channel.type')]);
    }
    const { token, expiresAt } = await issueToken(pool, ids, request.principal);
    const answer: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: token },
        { name: 'expiration', valueDateTime: expiresAt.toISOString() },
        ...ids.map((id) => ({ name: 'subscription', valueString: id })),
        { name: 'websocket-url', valueUrl: socketUrl(config.baseUrl) },
      ],
    };
    return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: JSON.stringify(answer) };
  },
};
