/** Settings of the delivery of Subscriptions. */
import { readFileSync } from 'node:fs';

/** Limits of subscription delivery. */
export interface SubscriptionConfig {
  /** Whether endpoints on loopback and private addresses are allowed (demo and development). */
  readonly allowPrivate: boolean;
  /** Attempts before a delivery is given up and its Subscription goes to `error`. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
  /** How long an endpoint may take to answer. */
  readonly timeoutMs: number;
  /** How long after a crash of a worker its deliveries are free again; renewed while a delivery is under way. */
  readonly leaseMs: number;
  /** Deliveries under way at once in one worker. */
  readonly concurrency: number;
  /** Fallback for a missed notification of the database. */
  readonly pollMs: number;
  /** Outbox rows taken in one transaction. */
  readonly batchSize: number;
  /** Of one notification by topic: events beyond it go into the next one. */
  readonly notificationBytesMax: number;
  /** How long finished deliveries are kept for inspection. */
  readonly retentionMs: number;
  /** Of pages, beside the server's own, from which browsers may open websockets. */
  readonly socketOrigins: readonly string[];
  /** PEM texts; undefined without any. */
  readonly tls: TlsConfig | undefined;
  /** Without it there is no channel for e-mail. */
  readonly mail: MailConfig | undefined;
}

/** Where e-mail goes out, and to whom it may go. */
export interface MailConfig {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string;
  readonly from: string;
  /** In lower case; mail goes to addresses in these alone. */
  readonly domains: readonly string[];
}

/** Undefined without a mail server. What is wrong is added to the faults. */
export function readMail(
  env: NodeJS.ProcessEnv,
  domains: readonly string[],
  faults: string[],
): MailConfig | undefined {
  const url = env['SMTP_URL'] ?? '';
  const from = env['SMTP_FROM'] ?? '';
  if (url === '') return undefined;
  if (!URL.canParse(url) || !/^smtps?:$/.test(new URL(url).protocol))
    faults.push('SMTP_URL must be a URL such as smtps://user:password@mail.example.org');
  if (!/^[^\s@]+@[^\s@]+$/.test(from))
    faults.push('SMTP_FROM must be an e-mail address when SMTP_URL is set');
  if (domains.length === 0)
    faults.push(
      'SUBSCRIPTION_EMAIL_DOMAINS must list the domains to which e-mail may go when SMTP_URL is set',
    );
  return { url, from, domains: domains.map((domain) => domain.toLowerCase()) };
}

/** By which endpoints that ask for a certificate know us, and whom we trust beside the authorities of the system. */
export interface TlsConfig {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** Undefined without files. What is wrong is added to the faults. */
export function readTls(env: NodeJS.ProcessEnv, faults: string[]): TlsConfig | undefined {
  const files = {
    cert: env['SUBSCRIPTION_TLS_CERT_FILE'],
    key: env['SUBSCRIPTION_TLS_KEY_FILE'],
    ca: env['SUBSCRIPTION_TLS_CA_FILE'],
  };
  const read = (part: keyof typeof files): TlsConfig => {
    const file = files[part] ?? '';
    if (file === '') return {};
    try {
      return { [part]: readFileSync(file, 'utf8') };
    } catch {
      faults.push(`SUBSCRIPTION_TLS_${part.toUpperCase()}_FILE cannot be read`);
      return {};
    }
  };
  const tls = { ...read('cert'), ...read('key'), ...read('ca') };
  if ((tls.cert === undefined) !== (tls.key === undefined))
    faults.push('SUBSCRIPTION_TLS_CERT_FILE and SUBSCRIPTION_TLS_KEY_FILE are set together');
  return Object.keys(tls).length === 0 ? undefined : tls;
}
