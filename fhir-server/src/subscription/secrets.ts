/**
 * What a Subscription is told that nobody shall read back: the values of its header lines and the secret that signs its
 * notifications. Versions hold a placeholder in their place, so that no road of the API leads to them.
 */
import type { Subscription } from '@medplum/fhirtypes';

/** Signs notifications: HMAC-SHA-256 of the raw body with this value as key. */
export const SECRET_EXTENSION = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';

/** Sent back in an update it means: as it was. */
export const PLACEHOLDER = '[redacted]';

export interface Secrets {
  /** For this one they are, and for no other. */
  readonly endpoint: string;
  /** Values by the lower-case name of their header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key?: string;
}

/** Name and value of a header line; what has no name is a value. */
export function splitHeader(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':');
  return colon < 0 ? ['', line.trim()] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

/** As it is stored. */
export const concealSecrets = (subscription: Subscription): Subscription =>
  mapSecrets(subscription, () => PLACEHOLDER);

/** As it is worked with. */
export const revealSecrets = (subscription: Subscription, { headers, key }: Secrets): Subscription =>
  mapSecrets(subscription, (name, value) => (name === undefined ? (key ?? value) : (headers[name] ?? value)));

/** `of` answers the value for a header, or for the secret where there is no name. */
function mapSecrets(
  subscription: Subscription,
  of: (name: string | undefined, value: string) => string,
): Subscription {
  const { extension, channel } = subscription;
  const header = channel?.header?.map((line) => {
    const [name, value] = splitHeader(line);
    return `${name}: ${of(name.toLowerCase(), value)}`;
  });
  const own = extension?.map((e) =>
    e.url === SECRET_EXTENSION ? { url: e.url, valueString: of(undefined, e.valueString ?? '') } : e,
  );
  return {
    ...subscription,
    ...(own === undefined ? {} : { extension: own }),
    ...(header === undefined ? {} : { channel: { ...channel, header } }),
  };
}

/** What was sent, placeholders included; undefined where it has nothing to conceal. */
export function sentSecrets({ extension, channel }: Subscription): Secrets | undefined {
  const key = extension?.find((e) => e.url === SECRET_EXTENSION)?.valueString;
  const lines = channel?.header ?? [];
  if (key === undefined && lines.length === 0) return undefined;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [name, value] = splitHeader(line);
    headers[name.toLowerCase()] = value;
  }
  return { endpoint: channel?.endpoint ?? '', headers, ...(key === undefined ? {} : { key }) };
}

/**
 * What is kept: what was sent, and in the place of placeholders what there was. Undefined where a placeholder has
 * nothing to stand for; an update that leads elsewhere must say its secrets again, or whoever may write a Subscription
 * could have those of its author sent to himself.
 */
export function mergeSecrets(sent: Secrets, before: Secrets | undefined): Secrets | undefined {
  const known = before?.endpoint === sent.endpoint ? before : undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(sent.headers)) {
    const kept = value === PLACEHOLDER ? known?.headers[name] : value;
    if (kept === undefined) return undefined;
    headers[name] = kept;
  }
  if (sent.key === undefined) return { endpoint: sent.endpoint, headers };
  const key = sent.key === PLACEHOLDER ? known?.key : sent.key;
  return key === undefined ? undefined : { endpoint: sent.endpoint, headers, key };
}
