/** A topic-based Subscription as R4 carries it. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html */
import type { Extension, Subscription } from '@medplum/fhirtypes';

export const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport';
const DEFINITION = `${BACKPORT}/StructureDefinition`;

export const CONTENTS = ['empty', 'id-only', 'full-resource'] as const;
export type PayloadContent = (typeof CONTENTS)[number];

export interface Backport {
  /** Canonical of the topic. */
  readonly topic: string;
  /** `Type?query`, all of which must hold for resources of their type. */
  readonly filters: readonly string[];
  /** As it is written, valid or not. */
  readonly content: string | undefined;
  /** Seconds. */
  readonly heartbeatPeriod: number | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly maxCount: number | undefined;
  /** Of the extension for channels that R4 does not know. */
  readonly channelType: string | undefined;
}

/** Criteria of R4 begin with the name of a type. */
export const isTopicBased = ({ criteria }: Partial<Pick<Subscription, 'criteria'>>): boolean =>
  criteria !== undefined && /^(?:https?:\/\/|urn:)/.test(criteria);

type WithExtensions = Readonly<Record<string, { readonly extension?: Extension[] } | undefined>>;

/** Extensions of a primitive element stand beside it. */
const beside = (element: object, name: string): readonly Extension[] =>
  (element as WithExtensions)[name]?.extension ?? [];

export function backportOf(subscription: Subscription): Backport {
  const { channel, criteria } = subscription;
  const own = channel.extension ?? [];
  const find = (all: readonly Extension[], name: string): Extension | undefined =>
    all.find(({ url }) => url === `${DEFINITION}/${name}`);
  return {
    topic: criteria,
    filters: beside(subscription, '_criteria')
      .filter(({ url }) => url === `${DEFINITION}/backport-filter-criteria`)
      .map(({ valueString }) => valueString ?? ''),
    content: find(beside(channel, '_payload'), 'backport-payload-content')?.valueCode,
    heartbeatPeriod: find(own, 'backport-heartbeat-period')?.valueUnsignedInt,
    timeout: find(own, 'backport-timeout')?.valueUnsignedInt,
    maxCount: find(own, 'backport-max-count')?.valuePositiveInt,
    channelType: find(beside(channel, '_type'), 'backport-channel-type')?.valueCoding?.code,
  };
}
