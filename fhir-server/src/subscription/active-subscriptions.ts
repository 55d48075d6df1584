/** The Subscriptions as stored, with their criteria compiled once per version. */
import type { Subscription } from '@medplum/fhirtypes';
import type { Pool, PoolClient } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { parseCriteria, type Criteria, type CriteriaContext } from './criteria.ts';

export interface StoredSubscription {
  readonly id: string;
  readonly versionId: number;
  readonly resource: Subscription;
  /** Absent when the criteria can no longer be understood: it then matches nothing. */
  readonly criteria?: Criteria;
}

export interface Subscriptions {
  /** All Subscriptions that collect events: also those in `error`, whose deliveries wait until they are active again. */
  loadCollecting(client: Pool | PoolClient): Promise<readonly StoredSubscription[]>;
  /** Those of the Subscriptions for which notifications may be sent now. */
  loadSending(client: Pool | PoolClient, ids: readonly string[]): Promise<readonly StoredSubscription[]>;
}

interface Row {
  readonly id: string;
  readonly version_id: number;
  readonly content: string;
}

/** Reads through to the database on each call, so a committed Subscription misses no later event. */
export function createSubscriptions(context: CriteriaContext): Subscriptions {
  const compiled = new Map<string, StoredSubscription>();
  const compile = (row: Row): StoredSubscription => {
    const known = compiled.get(row.id);
    if (known?.versionId === row.version_id) return known;
    const resource = JSON.parse(row.content) as Subscription;
    const criteria = compileCriteria(resource, context);
    const stored = {
      id: row.id,
      versionId: row.version_id,
      resource,
      ...(criteria === undefined ? {} : { criteria }),
    };
    compiled.set(row.id, stored);
    return stored;
  };
  const load = async (
    client: Pool | PoolClient,
    ids: readonly string[] | null,
  ): Promise<StoredSubscription[]> => {
    // The table of a type exists from its first write on.
    const { rows: tables } = await client.query<{ known: boolean }>({
      name: 'subscription_table',
      text: `select to_regclass('fhir."Subscription"') is not null as known`,
    });
    if (tables[0]?.known !== true) return [];
    const { rows } = await client.query<Row>({
      name: 'subscription_load',
      text: `select id, version_id, content from fhir."Subscription"
        where not deleted and ($1::text[] is null or id = any ($1))`,
      values: [ids],
    });
    return rows.map(compile).filter((s) => !ended(s.resource));
  };
  return {
    loadCollecting: async (client) => (await load(client, null)).filter((s) => s.resource.status !== 'off'),
    loadSending: async (client, ids) =>
      (await load(client, ids)).filter((s) => ['requested', 'active'].includes(s.resource.status)),
  };
}

function compileCriteria(resource: Subscription, context: CriteriaContext): Criteria | undefined {
  try {
    return parseCriteria(resource.criteria, context);
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

const ended = (subscription: Subscription): boolean =>
  subscription.end !== undefined && Date.parse(subscription.end) <= Date.now();
