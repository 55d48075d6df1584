/** Subscriptions: checked when written, matched against the outbox, delivered by the worker. */
export { checkSubscription } from './check-subscription.ts';
export { createDeliveryMetrics } from './delivery-metrics.ts';
export { type DeliveryFigures, deliveryFigures } from './delivery-store.ts';
export type { LoadPrincipal } from './may-read.ts';
export { isOwner, loadSubscriptionOwners, recordSubscriptionOwner, type SubscriptionOwner } from './owner.ts';
export { BACKPORT, CONTENTS, isTopicBased, type PayloadContent } from './topic/backport.ts';
export { countEvents, loadEvents } from './topic/event-store.ts';
export { contentOf, notificationText, statusParameters } from './topic/notification.ts';
export { showEvents } from './topic/show-events.ts';
export { type TopicFigures, topicFigures } from './topic/topic-figures.ts';
export { loadTopicOf } from './topic/topic-store.ts';
export { issueToken } from './socket/token-store.ts';
export { startSockets } from './socket/start-sockets.ts';
export { createTopicRule } from './topic/topic-rule.ts';
export { concealOldSubscriptions } from './secret-store.ts';
export { createMarkInError, replaySubscription } from './subscription-state.ts';
export { createSubscriptionRule } from './subscription-rule.ts';
export { startDelivery, type DeliveryOptions, type RunningDelivery } from './start.ts';
