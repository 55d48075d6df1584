/** What a Subscription must pass when it is written, and what is remembered of it. */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import type { PoolClient } from '../db/index.ts';
import { hiddenTest, type WriteRule } from '../interaction/index.ts';
import { readContents } from '../storage/index.ts';
import { checkSubscription } from './check-subscription.ts';
import { parseCriteria } from './criteria.ts';
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
      await checkHidden(client, ids, principal, context);
      for (const id of ids) await recordSubscriptionOwner(client, id, principal);
    },
  };
}

/** Being told whenever an element has a value tells the value. Throws 403. */
async function checkHidden(
  client: PoolClient,
  ids: readonly string[],
  principal: Principal,
  context: Parameters<typeof checkSubscription>[1],
): Promise<void> {
  const hidden = hiddenTest(principal);
  if (hidden.isHidden === undefined) return;
  for (const content of await readContents(client, 'Subscription', ids))
    parseCriteria((JSON.parse(content) as Subscription).criteria, { ...context, ...hidden });
}
