/** Refuses topic-based Subscriptions that this server could not serve. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html */
import type { OperationOutcomeIssue, Subscription } from '@medplum/fhirtypes';
import { FhirError, issue } from '../../fhir/outcome.ts';
import { parseQuery } from '../../search/index.ts';
import { parseCriteria, type Criteria, type CriteriaContext } from '../criteria.ts';
import { backportOf, CONTENTS } from './backport.ts';
import type { CompiledTopic } from './compile-topic.ts';

const HEARTBEAT_MIN_S = 5;
export const EVENTS_MAX = 100;
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[\d.+-])/;

/** What can be told without the topic. */
export function topicChannelIssues(
  subscription: Subscription,
  timeoutMaxMs: number,
): OperationOutcomeIssue[] {
  const { content, heartbeatPeriod, maxCount, timeout, channelType } = backportOf(subscription);
  const { type, endpoint, header, payload } = subscription.channel;
  const at = (element: string): string => `Subscription.channel.${element}`;
  const isSocket = type === 'websocket';
  return [
    ...(type === 'rest-hook' || isSocket
      ? []
      : [issue('not-supported', `topic-based Subscriptions go by rest-hook or websocket, not ${type}`, at('type'))]), // prettier-ignore
    ...(channelType === undefined
      ? []
      : [issue('not-supported', `channels of type ${channelType} are not supported`, at('type.extension'))]),
    ...(CONTENTS.some((c) => c === content)
      ? []
      : [issue('required', `backport-payload-content must be one of ${CONTENTS.join(', ')}`, at('payload.extension'))]), // prettier-ignore
    ...(isSocket && (endpoint !== undefined || header !== undefined)
      ? [issue('not-supported', 'a websocket takes no endpoint and no headers', at('endpoint'))]
      : []),
    ...(payload === undefined ? [issue('required', 'notifications need a payload', at('payload'))] : []),
    ...(heartbeatPeriod !== undefined && heartbeatPeriod < HEARTBEAT_MIN_S
      ? [issue('business-rule', `heartbeats come every ${HEARTBEAT_MIN_S} seconds at most`, at('extension'))]
      : []),
    ...(timeout === 0 ? [issue('invalid', 'a timeout has at least a second', at('extension'))] : []),
    ...(timeout !== undefined && timeout * 1000 > timeoutMaxMs
      ? [issue('business-rule', `a timeout has at most ${Math.floor(timeoutMaxMs / 1000)} seconds here`, at('extension'))] // prettier-ignore
      : []),
    ...(maxCount !== undefined && maxCount > EVENTS_MAX
      ? [issue('business-rule', `a notification has at most ${EVENTS_MAX} events`, at('extension'))]
      : []),
  ];
}

/** Throws FhirError 422 that names each filter that its topic does not allow. */
export function checkFilters(
  subscription: Subscription,
  topic: CompiledTopic | undefined,
  context: CriteriaContext,
): void {
  const { filters, topic: canonical } = backportOf(subscription);
  if (topic === undefined)
    throw new FhirError(422, [
      issue('not-found', `There is no topic ${canonical.slice(0, 200)} here`, 'Subscription.criteria'),
    ]);
  const issues = filters.flatMap((filter, i) => {
    const place = `Subscription.criteria.extension[${i}]`;
    const text = filterFault(filter, topic);
    if (text !== undefined) return [issue('business-rule', text, place)];
    try {
      parseCriteria(filter, context);
      return [];
    } catch (error) {
      // Whether elements are hidden is said as everywhere.
      if (!(error instanceof FhirError) || error.status === 403) throw error;
      return [issue('invalid', error.message, place)];
    }
  });
  if (issues.length > 0) throw new FhirError(422, issues);
}

function filterFault(filter: string, { triggers, filters }: CompiledTopic): string | undefined {
  const mark = filter.indexOf('?');
  const resourceType = filter.slice(0, Math.max(mark, 0));
  if (mark < 1) return 'a filter has the form Type?parameter=value';
  if (!triggers.has(resourceType)) return `the topic has no events of ${resourceType}`;
  for (const [name, value] of parseQuery(filter.slice(mark + 1), 'Subscription.criteria')) {
    const [base = '', modifier] = name.split(/[:.]/);
    const allowed = filters.find(
      (f) => f.parameter === base && (f.resourceType ?? resourceType) === resourceType,
    );
    if (allowed === undefined) return `the topic does not allow to filter ${resourceType} by ${base}`;
    if (modifier !== undefined && !allowed.modifiers.includes(modifier))
      return `the topic does not allow the modifier ${modifier} of ${base}`;
    const comparator = PREFIX.exec(value)?.[1];
    if (comparator !== undefined && comparator !== 'eq' && !allowed.comparators.includes(comparator))
      return `the topic does not allow the comparator ${comparator} of ${base}`;
  }
  return undefined;
}

/** Throws FhirError for filters that are not understood. */
export const parseFilters = (subscription: Subscription, context: CriteriaContext): readonly Criteria[] =>
  backportOf(subscription).filters.map((filter) => parseCriteria(filter, context));
