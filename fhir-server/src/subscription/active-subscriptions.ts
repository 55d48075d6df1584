/** The Subscriptions as stored, with their criteria compiled once per version and state of the search parameters. */
import type { Subscription } from '@medplum/fhirtypes';
import type { Pool, PoolClient } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { SecretBox } from '../platform/secret-box.ts';
import { parseCriteria, type Criteria, type CriteriaContext } from './criteria.ts';
import { openSecrets } from './secret-store.ts';
import { revealSecrets } from './secrets.ts';
import { isTopicBased } from './topic/backport.ts';
import { parseFilters } from './topic/check-topic-subscription.ts';
import type { NotUnderstood } from './topic/topic-store.ts';

export interface StoredSubscription {
  readonly id: string;
  readonly versionId: number;
  readonly resource: Subscription;
  /** Absent when it goes by a topic, or when the criteria can no longer be understood: it then matches nothing. */
  readonly criteria?: Criteria;
  /** Of one that goes by a topic; absent when they can no longer be understood: it then gets nothing. */
  readonly filters?: readonly Criteria[];
}

export interface Subscriptions {
  /** All Subscriptions that collect events: also those in `error`, whose deliveries wait until they are active again. */
  loadCollecting(client: Pool | PoolClient): Promise<readonly StoredSubscription[]>;
  /** Those of the Subscriptions for which notifications may be sent now, with their secrets. */
  loadSending(client: Pool | PoolClient, ids: readonly string[]): Promise<readonly StoredSubscription[]>;
}

interface Row {
  readonly id: string;
  readonly version_id: number;
  readonly content: string;
  readonly sealed: string | null;
}

/** Reads through to the database on each call, so a committed Subscription misses no later event. */
export function createSubscriptions(
  context: CriteriaContext,
  box: SecretBox,
  notUnderstood: NotUnderstood = () => undefined,
): Subscriptions {
  const compiled = new Map<string, StoredSubscription>();
  let revision = context.registry.revision;
  const compile = (row: Row): StoredSubscription => {
    if (revision !== context.registry.revision) {
      compiled.clear();
      revision = context.registry.revision;
    }
    const known = compiled.get(row.id);
    if (known?.versionId === row.version_id) return known;
    const resource = JSON.parse(row.content) as Subscription;
    const understood = understand(resource, context);
    if (understood === undefined) notUnderstood(row.id, row.version_id);
    const stored = { id: row.id, versionId: row.version_id, resource, ...understood };
    compiled.set(row.id, stored);
    return stored;
  };
  const load = async (client: Pool | PoolClient, ids: readonly string[] | null): Promise<Row[]> => {
    // The table of a type exists from its first write on.
    const { rows: tables } = await client.query<{ known: boolean }>({
      name: 'subscription_table',
      text: `select to_regclass('fhir."Subscription"') is not null as known`,
    });
    if (tables[0]?.known !== true) return [];
    const { rows } = await client.query<Row>({
      name: 'subscription_load',
      text: `select id, version_id, content, sealed from fhir."Subscription"
          left join (select subscription_id, sealed from subscription_secret) secret on subscription_id = id
        where not deleted and ($1::text[] is null or id = any ($1))`,
      values: [ids],
    });
    return rows;
  };
  const live = (row: Row): StoredSubscription[] => {
    const stored = compile(row);
    return ended(stored.resource) ? [] : [stored];
  };
  const reveal = async (stored: StoredSubscription, sealed: string | null): Promise<StoredSubscription> => {
    const secrets = sealed === null ? undefined : await openSecrets(box, stored.id, sealed);
    return secrets === undefined ? stored : { ...stored, resource: revealSecrets(stored.resource, secrets) };
  };
  return {
    loadCollecting: async (client) =>
      (await load(client, null)).flatMap(live).filter((s) => s.resource.status !== 'off'),
    loadSending: async (client, ids) => {
      const sending = (await load(client, ids)).flatMap((row) =>
        live(row)
          .filter((s) => ['requested', 'active'].includes(s.resource.status))
          .map((s) => reveal(s, row.sealed)),
      );
      return Promise.all(sending);
    },
  };
}

function understand(
  resource: Subscription,
  context: CriteriaContext,
): Pick<StoredSubscription, 'criteria' | 'filters'> | undefined {
  try {
    return isTopicBased(resource)
      ? { filters: parseFilters(resource, context) }
      : { criteria: parseCriteria(resource.criteria, context) };
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

const ended = (subscription: Subscription): boolean =>
  subscription.end !== undefined && Date.parse(subscription.end) <= Date.now();
