/** Topics, topic-based Subscriptions and notifications as tests write and read them. */

const R5 = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic';
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';
export const TOPIC_URL = 'http://clinic.example/topic/encounter-finished';

const part = (url: string, value: string | boolean | null | undefined): object[] =>
  value === null || value === undefined
    ? []
    : [{ url, ...(typeof value === 'boolean' ? { valueBoolean: value } : { valueString: value }) }];

/** Encounters that become finished, unless told otherwise; null leaves out. */
export function topic(
  of: {
    readonly url?: string;
    readonly resource?: string;
    readonly interactions?: readonly string[];
    readonly previous?: string | null;
    readonly current?: string | null;
    readonly fhirPath?: string;
    readonly include?: string;
  } = {},
): object {
  const { previous = 'status:not=finished', current = 'status=finished', resource = 'Encounter' } = of;
  const queryCriteria = [
    ...part('previous', previous),
    ...(previous === null ? [] : [{ url: 'resultForCreate', valueCode: 'test-passes' }]),
    ...part('current', current),
    ...part('requireBoth', previous !== null && current !== null),
  ];
  return {
    resourceType: 'Basic',
    code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
    extension: [
      { url: `${R5}.url`, valueUri: of.url ?? TOPIC_URL },
      {
        url: `${R5}.resourceTrigger`,
        extension: [
          { url: 'resource', valueUri: resource },
          ...(of.interactions ?? ['create', 'update']).map((code) => ({
            url: 'supportedInteraction',
            valueCode: code,
          })),
          ...(previous === null && current === null
            ? []
            : [{ url: 'queryCriteria', extension: queryCriteria }]),
          ...part('fhirPathCriteria', of.fhirPath),
        ],
      },
      ...['patient', 'date'].map((name) => ({
        url: `${R5}.canFilterBy`,
        extension: [
          { url: 'resource', valueUri: 'Encounter' },
          { url: 'filterParameter', valueString: name },
          ...(name === 'date' ? [{ url: 'comparator', valueCode: 'gt' }] : []),
        ],
      })),
      {
        url: `${R5}.notificationShape`,
        extension: [
          { url: 'resource', valueUri: 'Encounter' },
          { url: 'include', valueString: of.include ?? 'Encounter:patient' },
        ],
      },
    ],
  };
}

export interface SubscriptionPart {
  readonly id?: string;
  readonly criteria?: string;
  readonly filters?: readonly string[];
  readonly content?: string;
  readonly maxCount?: number;
  readonly heartbeatPeriod?: number;
  readonly timeout?: number;
  readonly type?: string;
}

/** By rest-hook to the endpoint, or by websocket without one. */
export function subscription(endpoint: string | undefined, of: SubscriptionPart = {}): object {
  const { maxCount, heartbeatPeriod, timeout } = of;
  const extension = [
    ...(maxCount === undefined
      ? []
      : [{ url: `${BACKPORT}/backport-max-count`, valuePositiveInt: maxCount }]),
    ...(heartbeatPeriod === undefined
      ? []
      : [{ url: `${BACKPORT}/backport-heartbeat-period`, valueUnsignedInt: heartbeatPeriod }]),
    ...(timeout === undefined ? [] : [{ url: `${BACKPORT}/backport-timeout`, valueUnsignedInt: timeout }]),
  ];
  const filters = (of.filters ?? []).map((filter) => ({
    url: `${BACKPORT}/backport-filter-criteria`,
    valueString: filter,
  }));
  const content = [{ url: `${BACKPORT}/backport-payload-content`, valueCode: of.content ?? 'full-resource' }];
  return {
    resourceType: 'Subscription',
    id: of.id ?? 's1',
    meta: { profile: [`${BACKPORT}/backport-subscription`] },
    status: 'requested',
    reason: 'a test',
    criteria: of.criteria ?? TOPIC_URL,
    ...(filters.length === 0 ? {} : { _criteria: { extension: filters } }),
    channel: {
      ...(extension.length === 0 ? {} : { extension }),
      type: of.type ?? (endpoint === undefined ? 'websocket' : 'rest-hook'),
      ...(endpoint === undefined ? {} : { endpoint }),
      payload: 'application/fhir+json',
      _payload: { extension: content },
    },
  };
}

interface Parameter {
  readonly name: string;
  readonly part?: readonly Parameter[];
  readonly [value: string]: unknown;
}

interface Entry {
  readonly fullUrl: string;
  readonly resource?: { readonly resourceType: string; readonly [element: string]: unknown };
  readonly request: { readonly method: string; readonly url: string };
}

export interface Notification {
  readonly type: string | undefined;
  readonly status: string | undefined;
  readonly count: string | undefined;
  readonly events: readonly {
    readonly number: string | undefined;
    readonly focus: string | undefined;
    readonly context: readonly string[];
  }[];
  readonly entries: readonly Entry[];
}

const text = (parameters: readonly Parameter[], name: string): string[] =>
  parameters
    .filter((p) => p.name === name)
    .map((p) => {
      const value = Object.entries(p).find(([key]) => key.startsWith('value'))?.[1];
      return typeof value === 'string' ? value : (value as { reference: string }).reference;
    });

export const statusOf = (parameters: unknown): Omit<Notification, 'entries'> => {
  const all = (parameters as { parameter: readonly Parameter[] }).parameter;
  return {
    type: text(all, 'type')[0],
    status: text(all, 'status')[0],
    count: text(all, 'events-since-subscription-start')[0],
    events: all
      .filter((p) => p.name === 'notification-event')
      .map(({ part: parts = [] }) => ({
        number: text(parts, 'event-number')[0],
        focus: text(parts, 'focus')[0],
        context: text(parts, 'additional-context'),
      })),
  };
};

export function notificationOf(body: string): Notification {
  const bundle = JSON.parse(body) as { type: string; entry: readonly Entry[] };
  if (bundle.type !== 'history') throw new Error(`a Bundle of type ${bundle.type}`);
  return { ...statusOf(bundle.entry[0]?.resource), entries: bundle.entry };
}
