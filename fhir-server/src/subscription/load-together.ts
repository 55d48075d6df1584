/** What deliveries that were leased together need, loaded once however many of them need it. */
import type { Pool, Queryable } from '../db/index.ts';
import type { StoredSubscription, Subscriptions } from './active-subscriptions.ts';
import type { Delivery } from './delivery-store.ts';
import type { Principal } from '../access/index.ts';
import type { Disclosing } from './may-read.ts';
import { loadSubscriptionOwners } from './owner.ts';
import { loadVersions, type ResourceVersion } from './resource-version.ts';

export interface LoadContext {
  readonly pool: Pool;
  readonly subscriptions: Subscriptions;
  /** For each load anew: what authors may read of what is sent, by the rights that they have now. */
  readonly disclosing: (db: Queryable) => Disclosing;
}

export interface Loaded {
  /** Those for which notifications may be sent now. */
  readonly subscriptions: ReadonlyMap<string, StoredSubscription>;
  /** Ids of those that collect events, also in `error`; asked for only when one of the deliveries is of another. */
  readonly collecting: ReadonlySet<string>;
  /** When the version was written, in milliseconds since the epoch; undefined where it no longer exists. */
  readonly writtenAt: (delivery: Delivery) => number | undefined;
  /** With whose rights it is sent. */
  readonly principalOf: (delivery: Delivery) => Principal | undefined;
  /** Of the version as the author gets it; undefined where he may not read it. Throws the fault by which that is unknown. */
  readonly contentOf: (delivery: Delivery) => string | undefined;
}

const nameOf = (d: Pick<Delivery, 'resourceType' | 'resourceId' | 'versionId'>): string =>
  `${d.resourceType}/${d.resourceId}/${d.versionId}`;

export async function loadTogether(context: LoadContext, deliveries: readonly Delivery[]): Promise<Loaded> {
  const { pool, subscriptions } = context;
  const ids = [...new Set(deliveries.map((d) => d.subscriptionId))];
  const [sending, owners, versions] = await Promise.all([
    subscriptions.loadSending(pool, ids),
    loadSubscriptionOwners(pool, ids),
    loadAllVersions(pool, deliveries),
  ]);
  const active = new Map(sending.map((s) => [s.id, s]));
  const collecting = ids.some((id) => !active.has(id)) ? await subscriptions.loadCollecting(pool) : [];
  const { disclose, principalOf } = context.disclosing(pool);
  const principals = new Map<string, Principal | undefined>();
  const contents = new Map<string, string>();
  const faults = new Map<string, Error>();
  const groups = Map.groupBy(deliveries, (d) => `${d.subscriptionId} ${d.resourceType}`);
  const decideGroup = async (group: readonly Delivery[]): Promise<void> => {
    const { subscriptionId, resourceType } = group[0]!;
    const owner = owners.get(subscriptionId);
    if (owner === undefined || !active.has(subscriptionId)) return;
    const known = group.flatMap((d) => {
      const version = versions.get(nameOf(d));
      return version === undefined ? [] : [{ delivery: d, version }];
    });
    principals.set(subscriptionId, await principalOf(owner));
    const disclosed = await disclose(owner, resourceType, [...new Set(known.map((k) => k.version))]);
    for (const { delivery, version } of known) {
      const content = disclosed.get(version);
      if (content !== undefined) contents.set(delivery.id, content);
    }
  };
  // One Subscription's fault must not be the others'.
  const tryGroup = async (group: readonly Delivery[]): Promise<void> => {
    await decideGroup(group).catch((error: Error) => {
      for (const { id } of group) faults.set(id, error);
    });
  };
  await Promise.all([...groups.values()].map(tryGroup));
  return {
    subscriptions: active,
    collecting: new Set(collecting.map((s) => s.id)),
    writtenAt: (delivery) => versions.get(nameOf(delivery))?.lastUpdated,
    principalOf: ({ subscriptionId }) => principals.get(subscriptionId),
    contentOf(delivery) {
      const fault = faults.get(delivery.id);
      if (fault !== undefined) throw fault;
      return contents.get(delivery.id);
    },
  };
}

async function loadAllVersions(
  pool: Pool,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<string, ResourceVersion>> {
  const ofType = async ([resourceType, some]: readonly [string, readonly Delivery[]]) => {
    const wanted = new Map(some.map((d) => [nameOf(d), { id: d.resourceId, versionId: d.versionId }]));
    const versions = await loadVersions(pool, resourceType, [...wanted.values()]);
    return versions.map((v) => [nameOf({ ...v, resourceType, resourceId: v.id }), v] as const);
  };
  return new Map((await Promise.all([...Map.groupBy(deliveries, (d) => d.resourceType)].map(ofType))).flat());
}
