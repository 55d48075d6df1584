/** Whether the authors of Subscriptions may read versions at the moment of their delivery. */
import type { Resource } from '@medplum/fhirtypes';
import { decideAccess, type Principal } from '../access/index.ts';
import type { Queryable } from '../db/index.ts';
import { disclose } from '../interaction/index.ts';
import { extractIndex, type ExtractContext } from '../search/index.ts';
import { decideCandidates } from '../storage/index.ts';
import type { SubscriptionOwner } from './owner.ts';
import type { ResourceVersion } from './resource-version.ts';

/**
 * The rights that the author has now, within those of his token; undefined when client, user or grant is gone or locked. In a
 * transaction `db` is its client: a second connection might never come.
 */
export type LoadPrincipal = (owner: SubscriptionOwner, db?: Queryable) => Promise<Principal | undefined>;

/** The content of each as the author gets it, without those that he may not read. All are of one type. */
export type Disclose = (
  owner: SubscriptionOwner,
  resourceType: string,
  versions: readonly ResourceVersion[],
) => Promise<ReadonlyMap<ResourceVersion, string>>;

export interface Disclosing {
  readonly disclose: Disclose;
  /** With whose rights that is decided; undefined where he has none any more. */
  readonly principalOf: (owner: SubscriptionOwner) => Promise<Principal | undefined>;
}

export function createDisclose(
  loadPrincipal: LoadPrincipal,
  db: Queryable,
  context: ExtractContext,
): Disclosing {
  const discloseTo = createDiscloseTo(db, context);
  const principalOf: Disclosing['principalOf'] = (owner) => loadPrincipal(owner, db);
  return {
    principalOf,
    async disclose(owner, resourceType, versions) {
      const principal = await principalOf(owner);
      return principal === undefined ? new Map() : discloseTo(principal, resourceType, versions);
    },
  };
}

/** The same decision as for a read over the API, evaluated in memory over the versions that would be sent. */
export function createDiscloseTo(db: Queryable, context: ExtractContext) {
  // Several Subscriptions may have asked for a version.
  const indexed = new Map<ResourceVersion, ReturnType<typeof candidateOf>>();
  const candidateOf = (version: ResourceVersion) => {
    const index = extractIndex(JSON.parse(version.content) as Resource, context);
    return { id: version.id, lastUpdated: version.lastUpdated, index };
  };
  const candidate = (version: ResourceVersion) => {
    let known = indexed.get(version);
    if (!known) indexed.set(version, (known = candidateOf(version)));
    return known;
  };
  return async (
    principal: Principal,
    resourceType: string,
    versions: readonly ResourceVersion[],
  ): Promise<ReadonlyMap<ResourceVersion, string>> => {
    const decision = decideAccess(principal, 'read', resourceType, context);
    if (!decision.permitted) return new Map();
    const decider = { db, registry: context.registry };
    const permitted =
      decision.filter.kind === 'all'
        ? versions.map(() => true)
        : await decideCandidates(decider, resourceType, decision.filter, versions.map(candidate));
    return new Map(
      versions
        .filter((_, i) => permitted[i])
        .map((version) => [version, disclose({ principal }, resourceType, version.content)]),
    );
  };
}
