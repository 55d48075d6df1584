/** A SubscriptionTopic of R5 as R4 carries it: a Basic resource with cross-version extensions. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html */
import type { Basic, Extension, Resource } from '@medplum/fhirtypes';

export interface Trigger {
  readonly resourceType: string;
  /** Empty: all. */
  readonly interactions: readonly string[];
  readonly previous?: string;
  readonly current?: string;
  readonly resultForCreate?: string;
  readonly resultForDelete?: string;
  readonly requireBoth: boolean;
  readonly fhirPath?: string;
  /** Of the extension in its resource, for outcomes. */
  readonly place: string;
}

export interface FilterBy {
  /** Undefined: of every type that the topic has. */
  readonly resourceType?: string;
  readonly parameter: string;
  readonly modifiers: readonly string[];
  readonly comparators: readonly string[];
}

export interface Shape {
  readonly resourceType: string;
  readonly includes: readonly string[];
  readonly revincludes: readonly string[];
  readonly place: string;
}

export interface Topic {
  readonly url: string;
  readonly version?: string;
  readonly triggers: readonly Trigger[];
  readonly filters: readonly FilterBy[];
  readonly shapes: readonly Shape[];
}

const TYPES = 'http://hl7.org/fhir/fhir-types';
/** The guide's own examples mix the extensions of R4B and R5. */
const ELEMENT =
  /^http:\/\/hl7\.org\/fhir\/(?:4\.3|5\.0)\/StructureDefinition\/extension-SubscriptionTopic\.(.+)$/;
const CORE = 'http://hl7.org/fhir/StructureDefinition/';

export const TOPIC_QUERY: readonly (readonly [string, string])[] = [['code', `${TYPES}|SubscriptionTopic`]];

export const isTopic = ({ code }: Basic): boolean =>
  code?.coding?.some((c) => c.system === TYPES && c.code === 'SubscriptionTopic') === true;

/** The canonical of a topic; undefined for every other resource, and empty for a topic without one. */
export const topicUrl = (resource: Resource): string | undefined =>
  resource.resourceType === 'Basic' && isTopic(resource) ? parseTopic(resource).url : undefined;

/** What the extensions say; whether it can be served is for compile-topic.ts. */
export function parseTopic({ extension = [] }: Basic): Topic {
  const all = extension.flatMap((e, i) => {
    const name = ELEMENT.exec(e.url)?.[1];
    return name === undefined ? [] : [{ name, e, place: `Basic.extension[${i}]` }];
  });
  const of = (name: string) => all.filter((found) => found.name === name);
  const text = (name: string): string | undefined => of(name).map(({ e }) => valueOf(e))[0];
  const version = text('version');
  return {
    url: text('url') ?? '',
    ...(version === undefined ? {} : { version }),
    triggers: of('resourceTrigger').map(({ e, place }) => toTrigger(e, place)),
    filters: of('canFilterBy').map(({ e }) => toFilter(e)),
    shapes: of('notificationShape').map(({ e, place }) => ({
      resourceType: typeOf(one(e, 'resource')) ?? '',
      includes: many(e, 'include'),
      revincludes: many(e, 'revInclude'),
      place,
    })),
  };
}

function toTrigger(e: Extension, place: string): Trigger {
  const query = e.extension?.find(({ url }) => url === 'queryCriteria') ?? { url: '' };
  const optional = (of: Extension, name: string, as = name) => {
    const value = one(of, name);
    return value === undefined ? {} : { [as]: value };
  };
  return {
    resourceType: typeOf(one(e, 'resource')) ?? '',
    interactions: many(e, 'supportedInteraction'),
    ...optional(query, 'previous'),
    ...optional(query, 'current'),
    ...optional(query, 'resultForCreate'),
    ...optional(query, 'resultForDelete'),
    requireBoth: one(query, 'requireBoth') === 'true',
    ...optional(e, 'fhirPathCriteria', 'fhirPath'),
    place,
  };
}

function toFilter(e: Extension): FilterBy {
  const resourceType = typeOf(one(e, 'resource'));
  return {
    ...(resourceType === undefined ? {} : { resourceType }),
    parameter: one(e, 'filterParameter') ?? '',
    modifiers: many(e, 'modifier'),
    comparators: many(e, 'comparator'),
  };
}

/** Types are named by their definition, or plainly. */
const typeOf = (uri: string | undefined): string | undefined =>
  uri?.startsWith(CORE) === true ? uri.slice(CORE.length) : uri;

const one = (e: Extension, name: string): string | undefined => many(e, name)[0];

const many = (e: Extension, name: string): string[] =>
  (e.extension ?? []).filter(({ url }) => url === name).flatMap((part) => valueOf(part) ?? []);

function valueOf(e: Extension): string | undefined {
  const value = Object.entries(e).find(([name]) => name.startsWith('value'))?.[1] as unknown;
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}
