/**
 * Tells by e-mail that a resource was written, and never what it says: mail is kept and forwarded in the clear.
 * https://hl7.org/fhir/R4/subscription.html#2.46.7.3
 */
import type { Resource } from '@medplum/fhirtypes';
import { createTransport } from 'nodemailer';
import type { MailConfig } from '../../platform/subscription-config.ts';
import type { Channel, Notification } from './channel.ts';

/** RFC 5321 section 4.5.3.1.3. */
const ADDRESS_LENGTH_MAX = 254;
const CONNECTIONS_MAX = 4;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface EmailChannel extends Channel {
  close(): void;
}

/** The one plain address of a `mailto:` without further fields (RFC 6068); undefined for everything else. */
export function mailAddress(
  endpoint: string,
): { readonly address: string; readonly domain: string } | undefined {
  const found = /^mailto:([\w.!#$&'*+/=^`{|}~-]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+))$/i.exec(endpoint);
  if (found === null || found[1]!.length > ADDRESS_LENGTH_MAX) return undefined;
  return { address: found[1]!, domain: found[2]!.toLowerCase() };
}

/** Beyond the machine itself nothing is sent in the clear. */
export const transportOptions = (url: string, timeoutMs: number) => ({
  url,
  pool: true as const,
  maxConnections: CONNECTIONS_MAX,
  requireTLS: !LOOPBACK.includes(new URL(url).hostname),
  connectionTimeout: timeoutMs,
  greetingTimeout: timeoutMs,
  socketTimeout: timeoutMs,
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** @param settings fhirBase: of the links in the mails; timeoutMs: until the mail server must have answered */
export function createEmail(settings: {
  readonly mail: MailConfig;
  readonly fhirBase: string;
  readonly timeoutMs: number;
}): EmailChannel {
  const { mail, fhirBase, timeoutMs } = settings;
  const transport = createTransport(transportOptions(mail.url, timeoutMs));
  return {
    async send(notification, signal) {
      const to = mailAddress(notification.subscription.channel.endpoint ?? '')?.address;
      if (to === undefined) throw new Error('the endpoint is no e-mail address');
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(new Error('the notification was cut off'));
      signal.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([
          transport.sendMail({ from: mail.from, to, ...message(notification, fhirBase) }),
          aborted.promise,
        ]);
      } catch (error) {
        throw signal.aborted ? error : new Error(reasonOf(error), { cause: error });
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    close: () => transport.close(),
  };
}

function message({ subscription, eventId, content }: Notification, fhirBase: string) {
  const { resourceType, id, meta } = JSON.parse(content) as Resource;
  const name = `Subscription/${subscription.id ?? ''}`;
  return {
    subject: `New for ${name}: ${resourceType}`,
    text: [
      `A resource that ${name} asks for was written:`,
      '',
      `${fhirBase}/${resourceType}/${id ?? ''}/_history/${meta?.versionId ?? ''}`,
      '',
      'What it says is there, for those who may read it.',
      '',
    ].join('\n'),
    // Receivers recognise repetitions by it.
    messageId: `<${eventId}@${new URL(fhirBase).hostname}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Subscription': name, 'X-Event-Id': eventId },
  };
}

/** What mail servers say of a message may repeat its receiver, and reasons are logged. */
function reasonOf(error: unknown): string {
  const { responseCode, code } = (error ?? {}) as { responseCode?: number; code?: string };
  return responseCode === undefined
    ? `the mail server cannot be used (${code ?? 'unknown fault'})`
    : `the mail server answered ${responseCode}`;
}
