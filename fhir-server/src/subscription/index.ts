/** Subscriptions: checked when written, matched against the outbox, delivered by the worker. */
export { checkSubscription } from './check-subscription.ts';
export type { LoadPrincipal } from './may-read.ts';
export { recordSubscriptionOwner, type SubscriptionOwner } from './owner.ts';
export { createMarkInError } from './mark-in-error.ts';
export { createSubscriptionRule } from './subscription-rule.ts';
export { startDelivery, type DeliveryOptions, type RunningDelivery } from './start.ts';
