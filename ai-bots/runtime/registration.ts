/** A bot's own Subscriptions, written under fixed ids at each start, which also resumes what had been given up. */
import type { Subscription } from '@medplum/fhirtypes';
import type { FhirApi } from './fhir-api.ts';

export interface Wanted {
  /** Logical id, e.g. `visit-scribe-media`. */
  readonly id: string;
  readonly reason: string;
  readonly criteria: string;
}

const SECRET_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';

export function subscriptionResource(wanted: Wanted, endpoint: string, secret: string): Subscription {
  return {
    resourceType: 'Subscription',
    id: wanted.id,
    extension: [{ url: SECRET_EXTENSION, valueString: secret }],
    status: 'requested',
    reason: wanted.reason,
    criteria: wanted.criteria,
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
  };
}

/** Throws HttpFailure when the server refuses one of them. */
export async function registerSubscriptions(
  api: FhirApi,
  subscriptions: readonly Wanted[],
  endpoint: string,
  secret: string,
): Promise<void> {
  for (const wanted of subscriptions) await api.update(subscriptionResource(wanted, endpoint, secret));
}
