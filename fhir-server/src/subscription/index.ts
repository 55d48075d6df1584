/** Subscriptions: checked when written, matched against the outbox, delivered by the worker. */
export { checkSubscription } from './check-subscription.ts';
export { recordSubscriptionOwner, type SubscriptionOwner } from './owner.ts';
export { createSubscriptions } from './active-subscriptions.ts';
export { createRestHook } from './channel/rest-hook.ts';
export { runSubscriptions, type RunContext } from './run.ts';
