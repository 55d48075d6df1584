/** What a Subscription must pass when it is written, and what is remembered of it. */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import type { WriteRule } from '../interaction/index.ts';
import { checkSubscription } from './check-subscription.ts';
import { recordSubscriptionOwner } from './owner.ts';

/** A checked Subscription that was `requested` is accepted: it becomes `active`. https://hl7.org/fhir/R4/subscription.html */
export function createSubscriptionRule(
  context: Parameters<typeof checkSubscription>[1],
): Required<WriteRule> {
  return {
    check(resource: Resource): Resource {
      const subscription = resource as Subscription;
      checkSubscription(subscription, context);
      if (subscription.status !== 'requested') return subscription;
      const { error: _error, ...accepted } = subscription;
      return { ...accepted, status: 'active' };
    },
    async record(client, ids, principal) {
      for (const id of ids) await recordSubscriptionOwner(client, id, principal);
    },
  };
}
