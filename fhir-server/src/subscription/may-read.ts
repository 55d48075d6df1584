/** Whether the author of a Subscription may read a version at the moment of its delivery. */
import type { Resource } from '@medplum/fhirtypes';
import { decideAccess, type Principal } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { extractIndex, type ExtractContext } from '../search/index.ts';
import { decideCandidates } from '../storage/index.ts';
import type { SubscriptionOwner } from './owner.ts';
import type { ResourceVersion } from './resource-version.ts';

/** The rights that a client or user has now, as a token without launch context would carry; undefined when it is gone or locked. */
export type LoadPrincipal = (owner: SubscriptionOwner) => Promise<Principal | undefined>;

export type MayRead = (
  owner: SubscriptionOwner,
  resource: Resource,
  version: ResourceVersion,
) => Promise<boolean>;

/** The same decision as for a read over the API, evaluated in memory over the version that would be sent. */
export function createMayRead(loadPrincipal: LoadPrincipal, db: Queryable, context: ExtractContext): MayRead {
  return async (owner, resource, version) => {
    const principal = await loadPrincipal(owner);
    if (principal === undefined) return false;
    const decision = decideAccess(principal, 'read', resource.resourceType, context);
    if (!decision.permitted) return false;
    const index = extractIndex(resource, context);
    const candidate = { id: version.id, lastUpdated: version.lastUpdated, index };
    const decider = { db, registry: context.registry };
    return (await decideCandidates(decider, resource.resourceType, decision.filter, [candidate]))[0] === true;
  };
}
