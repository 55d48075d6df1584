/** Sends one notification by rest-hook. https://hl7.org/fhir/R4/subscription.html#2.46.7.1 */
import { createHmac } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { Agent, request, type Dispatcher } from 'undici';
import { endpointFault, publicLookup } from '../endpoint.ts';

/** Signs notifications: HMAC-SHA-256 of the raw body with this value as key. */
export const SECRET_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';

export interface Notification {
  readonly subscription: Subscription;
  /** The same at each attempt, so that receivers can recognise repetitions. */
  readonly eventId: string;
  /** The resource version as stored. */
  readonly content: string;
}

export interface RestHook {
  /** Resolves when the endpoint answered 2xx; throws an Error with a reason in words otherwise. Redirects are failures. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @param settings allowPrivate: permit loopback and private addresses; timeoutMs: until the endpoint must have answered */
export function createRestHook(settings: { allowPrivate: boolean; timeoutMs: number }): RestHook {
  const dispatcher: Dispatcher = new Agent({
    connect: { timeout: 10_000, ...(settings.allowPrivate ? {} : { lookup: publicLookup }) },
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
  });
  return {
    async send(notification, signal) {
      const { channel } = notification.subscription;
      const endpoint = channel.endpoint ?? '';
      const fault = endpointFault(endpoint, settings.allowPrivate);
      if (fault !== undefined) throw new Error(fault);
      const body = channel.payload === undefined ? '' : notification.content;
      const response = await request(endpoint, {
        method: 'POST',
        dispatcher,
        body,
        headers: notificationHeaders(notification, body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]),
      });
      await response.body.dump();
      if (response.statusCode < 200 || response.statusCode > 299) {
        throw new Error(`the endpoint answered ${response.statusCode}`);
      }
    },
    close: () => dispatcher.close(),
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
