/** Subscriptions: checked when written, matched against the outbox, delivered by the worker. */
export { checkSubscription } from './check-subscription.ts';
export { createDeliveryMetrics } from './delivery-metrics.ts';
export { type DeliveryFigures, deliveryFigures } from './delivery-store.ts';
export type { LoadPrincipal } from './may-read.ts';
export { recordSubscriptionOwner, type SubscriptionOwner } from './owner.ts';
export { createTopicRule } from './topic/topic-rule.ts';
export { concealOldSubscriptions } from './secret-store.ts';
export { createMarkInError, replaySubscription } from './subscription-state.ts';
export { createSubscriptionRule } from './subscription-rule.ts';
export { startDelivery, type DeliveryOptions, type RunningDelivery } from './start.ts';
