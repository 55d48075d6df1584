/** Whether the author of a Subscription may read a version at the moment of its delivery. */
import type { Resource } from '@medplum/fhirtypes';
import { decideAccess, type Principal } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { disclose } from '../interaction/index.ts';
import { extractIndex, type ExtractContext } from '../search/index.ts';
import { decideCandidates } from '../storage/index.ts';
import type { SubscriptionOwner } from './owner.ts';
import type { ResourceVersion } from './resource-version.ts';

/** The rights that the author has now, within those of his token; undefined when client, user or grant is gone or locked. */
export type LoadPrincipal = (owner: SubscriptionOwner) => Promise<Principal | undefined>;

/** The content as the author gets it; undefined where he may not read it. */
export type Disclosed = (
  owner: SubscriptionOwner,
  resource: Resource,
  version: ResourceVersion,
) => Promise<string | undefined>;

/** The same decision as for a read over the API, evaluated in memory over the version that would be sent. */
export function createDisclosed(
  loadPrincipal: LoadPrincipal,
  db: Queryable,
  context: ExtractContext,
): Disclosed {
  return async (owner, resource, version) => {
    const principal = await loadPrincipal(owner);
    if (principal === undefined) return undefined;
    const decision = decideAccess(principal, 'read', resource.resourceType, context);
    if (!decision.permitted) return undefined;
    const index = extractIndex(resource, context);
    const candidate = { id: version.id, lastUpdated: version.lastUpdated, index };
    const decider = { db, registry: context.registry };
    const [isPermitted] = await decideCandidates(decider, resource.resourceType, decision.filter, [
      candidate,
    ]);
    return isPermitted === true ? disclose({ principal }, resource.resourceType, version.content) : undefined;
  };
}
