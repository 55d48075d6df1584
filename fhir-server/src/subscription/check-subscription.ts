/** Refuses Subscriptions that this server could not serve. https://hl7.org/fhir/R4/subscription.html#2.46.5 */
import type { OperationOutcomeIssue, Subscription } from '@medplum/fhirtypes';
import { EgressError, type Egress } from '../egress/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { MailConfig } from '../platform/subscription-config.ts';
import { mailAddress } from './channel/email.ts';
import { parseCriteria, type CriteriaContext } from './criteria.ts';
import { isTopicBased } from './topic/backport.ts';
import { topicChannelIssues } from './topic/check-topic-subscription.ts';

const PAYLOADS = ['application/fhir+json', 'application/json'];
const HEADER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that decide about the connection or that we set ourselves. */
const RESERVED =
  /^(host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|expect|keep-alive|x-signature|x-subscription|x-event-id)$/i;

export interface ChannelContext {
  readonly egress: Pick<Egress, 'check'>;
  /** Without it there is no channel for e-mail. */
  readonly mail?: MailConfig | undefined;
  /** How long a receiver is waited for; a Subscription may ask for less. */
  readonly timeoutMs: number;
}

/**
 * Throws FhirError 422 that names each faulty element. Of a Subscription that is switched off only the headers are looked
 * at: they are kept apart by their names.
 */
export function checkSubscription(
  subscription: Subscription,
  context: CriteriaContext & ChannelContext,
): void {
  const issues = issuesOf(subscription, context);
  if (issues.length > 0) throw new FhirError(422, issues);
}

function issuesOf(
  subscription: Subscription,
  context: CriteriaContext & ChannelContext,
): OperationOutcomeIssue[] {
  if (subscription.status === 'off') return headerIssues(subscription);
  return isTopicBased(subscription)
    ? topicIssues(subscription, context)
    : [...criteriaIssues(subscription, context), ...channelIssues(subscription, context)];
}

/** Its topic is looked up when it is written. */
const topicIssues = (
  subscription: Subscription,
  { egress, timeoutMs }: ChannelContext,
): OperationOutcomeIssue[] => [
  ...topicChannelIssues(subscription, timeoutMs),
  ...(subscription.channel.type === 'rest-hook'
    ? [...restHookIssues(subscription, egress), ...headerIssues(subscription)]
    : []),
];

function criteriaIssues(subscription: Subscription, context: CriteriaContext): OperationOutcomeIssue[] {
  try {
    parseCriteria(subscription.criteria, context);
    return [];
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return [issue('invalid', error.message, 'Subscription.criteria')];
  }
}

function channelIssues(subscription: Subscription, context: ChannelContext): OperationOutcomeIssue[] {
  const { type } = subscription.channel;
  if (type === 'rest-hook')
    return [...restHookIssues(subscription, context.egress), ...headerIssues(subscription)];
  if (type === 'email' && context.mail !== undefined) return emailIssues(subscription, context.mail);
  const others = context.mail === undefined ? '' : ' or email';
  const text = `channels of type ${type} are not supported; use rest-hook${others}`;
  return [issue('not-supported', text, 'Subscription.channel.type')];
}

function emailIssues({ channel }: Subscription, mail: MailConfig): OperationOutcomeIssue[] {
  const to = mailAddress(channel.endpoint ?? '');
  const refuse = (code: 'invalid' | 'business-rule' | 'not-supported', text: string, element: string) =>
    issue(code, text, `Subscription.channel.${element}`);
  return [
    ...(to === undefined
      ? [refuse('invalid', 'must be one address, mailto:name@example.org', 'endpoint')]
      : []),
    ...(to !== undefined && !mail.domains.includes(to.domain)
      ? [refuse('business-rule', 'e-mail goes to the domains of this server only', 'endpoint')]
      : []),
    ...(channel.payload === undefined
      ? []
      : [refuse('not-supported', 'e-mail carries no content; leave the payload out', 'payload')]),
    ...(channel.header === undefined ? [] : [refuse('not-supported', 'e-mail takes no headers', 'header')]),
  ];
}

function restHookIssues({ channel }: Subscription, egress: Pick<Egress, 'check'>): OperationOutcomeIssue[] {
  const issues: OperationOutcomeIssue[] = [];
  try {
    egress.check(channel.endpoint ?? '');
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    issues.push(issue('business-rule', error.message, 'Subscription.channel.endpoint'));
  }
  if (channel.payload !== undefined && !PAYLOADS.includes(channel.payload)) {
    const text = `payload must be one of ${PAYLOADS.join(', ')} or absent`;
    issues.push(issue('not-supported', text, 'Subscription.channel.payload'));
  }
  return issues;
}

function headerIssues(subscription: Subscription): OperationOutcomeIssue[] {
  return (subscription.channel.header ?? []).flatMap((line, i) => {
    const place = `Subscription.channel.header[${i}]`;
    if (!HEADER_LINE.test(line)) return [issue('invalid', 'a header must be one line "Name: value"', place)];
    const name = line.slice(0, line.indexOf(':'));
    return RESERVED.test(name)
      ? [issue('business-rule', `the header ${name} is set by the server`, place)]
      : [];
  });
}
