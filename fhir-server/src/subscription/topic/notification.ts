/** A notification: a Bundle of type history that begins with the status. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html */
import { randomUUID } from 'node:crypto';
import type { Parameters, ParametersParameter, Subscription } from '@medplum/fhirtypes';
import { BACKPORT, backportOf, isTopicBased, type PayloadContent } from './backport.ts';
import type { TopicEvent } from './event-store.ts';

export type NotificationType =
  'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event';

/** An event as its receiver may see it. */
export interface ShownEvent {
  readonly event: TopicEvent;
  /** Milliseconds since the epoch: the version, or that a deletion was recorded. */
  readonly writtenAt: number;
  /** Undefined for a deletion, and where there is no room for it. */
  readonly content: string | undefined;
  readonly included: readonly Included[];
}

export interface Included {
  readonly resourceType: string;
  readonly id: string;
  /** Undefined where there is no room for it: it is named alone. */
  readonly content: string | undefined;
}

export interface Status {
  readonly fhirBase: string;
  readonly subscription: Subscription;
  readonly type: NotificationType;
  /** Numbers given out so far; undefined for whom they are not for. */
  readonly count: number | undefined;
  readonly events: readonly ShownEvent[];
  readonly content: PayloadContent;
  /** In words, where the Subscription is in error. */
  readonly error?: string | undefined;
}

/** What the Subscription asks for; nothing more than that something happened where it does not say. */
export const contentOf = (subscription: Subscription): PayloadContent => {
  const { content } = backportOf(subscription);
  return content === 'id-only' || content === 'full-resource' ? content : 'empty';
};

export function statusParameters(status: Status): Parameters {
  const { fhirBase, subscription, type, count, events, content } = status;
  const error = status.error ?? (subscription.status === 'error' ? subscription.error : undefined);
  return {
    resourceType: 'Parameters',
    id: randomUUID(),
    meta: { profile: [`${BACKPORT}/StructureDefinition/backport-subscription-status-r4`] },
    parameter: [
      {
        name: 'subscription',
        valueReference: { reference: `${fhirBase}/Subscription/${subscription.id ?? ''}` },
      },
      ...(isTopicBased(subscription) ? [{ name: 'topic', valueCanonical: subscription.criteria }] : []),
      { name: 'status', valueCode: subscription.status },
      { name: 'type', valueCode: type },
      ...(count === undefined
        ? []
        : [{ name: 'events-since-subscription-start', valueString: String(count) }]),
      ...events.map((shown) => notificationEvent(fhirBase, shown, content)),
      ...(error === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: error } }]),
    ],
  };
}

function notificationEvent(
  fhirBase: string,
  { event, included }: ShownEvent,
  content: PayloadContent,
): ParametersParameter {
  const reference = (type: string, id: string) => ({ reference: `${fhirBase}/${type}/${id}` });
  return {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(event.number) },
      { name: 'timestamp', valueInstant: event.recordedAt.toISOString() },
      ...(content === 'empty'
        ? []
        : [
            { name: 'focus', valueReference: reference(event.resourceType, event.resourceId) },
            ...included.map(({ resourceType, id }) => ({
              name: 'additional-context',
              valueReference: reference(resourceType, id),
            })),
          ]),
    ],
  };
}

const METHODS: Readonly<Record<string, readonly [method: string, status: string]>> = {
  create: ['POST', '201'],
  update: ['PUT', '200'],
  delete: ['DELETE', '200'],
};

/** As text: resources stand in it as they are stored. */
export function notificationText(status: Status): string {
  const { fhirBase, subscription, events, content } = status;
  const url = `${fhirBase}/Subscription/${subscription.id ?? ''}/$status`;
  const first = entryText(`urn:uuid:${randomUUID()}`, JSON.stringify(statusParameters(status)), ['GET', url, '200']); // prettier-ignore
  const written = new Set<string>();
  const others = content === 'empty' ? [] : events.flatMap((shown) => eventEntries(fhirBase, shown, content, written)); // prettier-ignore
  const head = {
    resourceType: 'Bundle',
    id: randomUUID(),
    type: 'history',
    timestamp: new Date().toISOString(),
  };
  return `${JSON.stringify(head).slice(0, -1)},"entry":[${[first, ...others].join(',')}]}`;
}

function eventEntries(
  fhirBase: string,
  { event, content, included }: ShownEvent,
  wanted: PayloadContent,
  written: Set<string>,
): string[] {
  const body = (text: string | undefined): string | undefined =>
    wanted === 'full-resource' ? text : undefined;
  const name = `${event.resourceType}/${event.resourceId}`;
  const [method, code] = METHODS[event.interaction] ?? ['PUT', '200'];
  const url = method === 'POST' ? event.resourceType : name;
  const context = included.flatMap(({ resourceType, id, content: text }) => {
    const other = `${resourceType}/${id}`;
    if (written.has(other)) return [];
    written.add(other);
    return [entryText(`${fhirBase}/${other}`, body(text), ['GET', other, '200'])];
  });
  return [entryText(`${fhirBase}/${name}`, body(content), [method, url, code]), ...context];
}

function entryText(
  fullUrl: string,
  resource: string | undefined,
  [method, url, status]: readonly [string, string, string],
): string {
  const rest = JSON.stringify({ request: { method, url }, response: { status } }).slice(1);
  const own = resource === undefined ? '' : `"resource":${resource},`;
  return `{"fullUrl":${JSON.stringify(fullUrl)},${own}${rest}`;
}
