/** Sends one notification by rest-hook. https://hl7.org/fhir/R4/subscription.html#2.46.7.1 */
import { createHmac } from 'node:crypto';
import type { Egress } from '../../egress/index.ts';
import type { Channel, Notification } from './channel.ts';

/** Signs notifications: HMAC-SHA-256 of the raw body with this value as key. */
export const SECRET_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';

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
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  if (subscription.channel.payload !== undefined) headers['content-type'] = subscription.channel.payload;
  headers['x-subscription'] = `Subscription/${subscription.id ?? ''}`;
  headers['x-event-id'] = eventId;
  delete headers['x-signature'];
  const secret = subscription.extension?.find((e) => e.url === SECRET_EXTENSION)?.valueString;
  if (secret !== undefined) {
    headers['x-signature'] = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  }
  return headers;
}
