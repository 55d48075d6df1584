/** Sends one notification by rest-hook. https://hl7.org/fhir/R4/subscription.html#2.46.7.1 */
import { createHmac } from 'node:crypto';
import type { Egress } from '../../egress/index.ts';
import { tracedContext, traceparentOf } from '../../platform/tracing.ts';
import { PLACEHOLDER, SECRET_EXTENSION, splitHeader } from '../secrets.ts';
import type { Channel, Notification } from './channel.ts';

/** What an endpoint answers is read no further than this, so that its connection serves again. */
const ANSWER_BYTES_MAX = 128 * 1024;

/**
 * An answer of 2xx counts, and redirects are failures.
 * @param settings timeoutMs: until the endpoint must have answered
 */
export function createRestHook(settings: { egress: Pick<Egress, 'post'>; timeoutMs: number }): Channel {
  return {
    async send(notification, signal) {
      const { channel } = notification.subscription;
      const body = channel.payload === undefined ? '' : notification.content;
      const status = await settings.egress.post(channel.endpoint ?? '', {
        body,
        headers: notificationHeaders(notification, body),
        signal,
        timeoutMs: settings.timeoutMs,
        bytesMax: ANSWER_BYTES_MAX,
      });
      if (status < 200 || status > 299) throw new Error(`the endpoint answered ${status}`);
    },
  };
}

/** Our own headers come last: a Subscription's header lines cannot replace the signature. */
export function notificationHeaders(notification: Notification, body: string): Record<string, string> {
  const { subscription, eventId } = notification;
  const headers: Record<string, string> = {};
  for (const line of subscription.channel.header ?? []) {
    const [name, value] = splitHeader(line);
    headers[name.toLowerCase()] = value;
  }
  if (subscription.channel.payload !== undefined) headers['content-type'] = subscription.channel.payload;
  headers['x-subscription'] = `Subscription/${subscription.id ?? ''}`;
  headers['x-event-id'] = eventId;
  const traceparent = traceparentOf(tracedContext());
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  delete headers['x-signature'];
  const secret = subscription.extension?.find((e) => e.url === SECRET_EXTENSION)?.valueString;
  // As after a change of the server's own secret.
  if (secret === PLACEHOLDER || Object.values(headers).includes(PLACEHOLDER))
    throw new Error('its secrets cannot be opened any more; write the Subscription with them again');
  if (secret !== undefined) {
    headers['x-signature'] = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  }
  return headers;
}
