/** What a Subscription must pass when it is written, and what is remembered of it. */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import type { PoolClient } from '../db/index.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { hiddenTest, type WriteRule } from '../interaction/index.ts';
import { readContents } from '../storage/index.ts';
import { type ChannelContext, checkSubscription } from './check-subscription.ts';
import { parseCriteria, type CriteriaContext } from './criteria.ts';
import { recordSubscriptionOwner } from './owner.ts';
import { recordSecrets } from './secret-store.ts';
import { concealSecrets } from './secrets.ts';
import { backportOf, isTopicBased } from './topic/backport.ts';
import { checkFilters } from './topic/check-topic-subscription.ts';
import { compileTopic } from './topic/compile-topic.ts';
import { recordTopicState, removeTopicState } from './topic/event-store.ts';
import { createTopics, findTopic, type Topics } from './topic/topic-store.ts';

interface RuleContext extends CriteriaContext, ChannelContext {
  readonly box: SecretBox;
  readonly topics: Topics;
}

/** A checked Subscription that was `requested` is accepted: it becomes `active`. https://hl7.org/fhir/R4/subscription.html */
export function createSubscriptionRule(
  given: Omit<RuleContext, 'topics'>,
): Required<Omit<WriteRule, 'follow'>> {
  const context = { ...given, topics: createTopics(given) };
  return {
    check(resource: Resource): Resource {
      const subscription = resource as Subscription;
      checkSubscription(subscription, context);
      const isTopical = isTopicBased(subscription);
      if (subscription.status !== 'requested' && (subscription.status === 'off' || !isTopical))
        return subscription;
      const { error: _error, ...accepted } = subscription;
      // The one that goes by a topic is active when its receiver has taken the handshake.
      return { ...accepted, status: isTopical ? 'requested' : 'active' };
    },
    conceal: (resource) => concealSecrets(resource as Subscription),
    async record(client, ids, principal, whole) {
      await checkHidden(client, ids, principal, context);
      // In one order everywhere: two writers must not wait for each other's rows.
      for (const id of [...ids].sort()) {
        await recordSubscriptionOwner(client, id, principal);
        const subscription = whole.get(id) as Subscription | undefined;
        await recordSecrets(client, context.box, id, subscription);
        await recordTopic(client, id, subscription, principal, context);
      }
    },
  };
}

/** Being told whenever an element has a value tells the value. Throws 403. */
async function checkHidden(
  client: PoolClient,
  ids: readonly string[],
  principal: Principal,
  context: RuleContext,
): Promise<void> {
  const hidden = hiddenTest(principal);
  if (hidden.isHidden === undefined) return;
  for (const content of await readContents(client, 'Subscription', ids)) {
    const subscription = JSON.parse(content) as Subscription;
    if (!isTopicBased(subscription)) parseCriteria(subscription.criteria, { ...context, ...hidden });
  }
}

/** Throws 422 for a topic that is not there, or does not allow the filters, 403 for filters by hidden elements. */
async function recordTopic(
  client: PoolClient,
  id: string,
  subscription: Subscription | undefined,
  principal: Principal,
  context: RuleContext,
): Promise<void> {
  if (subscription === undefined || !isTopicBased(subscription)) return removeTopicState(client, id);
  const isOff = subscription.status === 'off';
  if (!isOff) {
    const seen = { ...context, ...hiddenTest(principal) };
    const topic = findTopic(await context.topics.load(client), subscription.criteria);
    checkFilters(subscription, topic, seen);
    if (topic && seen.isHidden !== undefined) compileTopic(topic.source, seen);
  }
  const { heartbeatPeriod, filters } = backportOf(subscription);
  const { type, endpoint } = subscription.channel;
  const about = JSON.stringify([subscription.criteria, filters, type, endpoint]);
  await recordTopicState(client, id, { about, channel: type, heartbeatPeriod, isOff });
}
