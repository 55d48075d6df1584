/** The environment, read once, checked and typed. Each name is documented in docs/configuration.md. */
import { resolve } from 'node:path';
import { readMail, readTls, type SubscriptionConfig } from './subscription-config.ts';
import { readSecretFiles } from './secret-files.ts';
import { watched } from './watched-environment.ts';
import { loadAccountConfig, type AccountConfig } from './account-config.ts';
import { type BulkConfig, loadBulkConfig } from './bulk-config.ts';
import { type ContentConfig, loadContentConfig } from './content-config.ts';
import { loadReplicaConfig, type ReplicaConfig } from './replica-config.ts';
import { type GraphqlConfig, loadGraphqlConfig } from './graphql-config.ts';
import { loadMetricsConfig, type MetricsConfig } from './metrics-config.ts';
import { loadOverloadConfig, type OverloadConfig } from './overload-config.ts';
import { loadPackageConfig, type PackageConfig } from './package-config.ts';
import { loadRedisUrl } from './redis-config.ts';
import { type DrainConfig, loadDrainConfig } from './drain-config.ts';
import { loadSigningKeyConfig, type SigningKeyConfig } from './signing-key-config.ts';
import { loadSchedulingConfig, type SchedulingConfig } from './scheduling-config.ts';
import { loadWorkerConfig, type WorkerConfig } from './worker-config.ts';

export interface Config {
  readonly databaseUrl: string;
  /** Undefined where all is read from the primary. */
  readonly replica: ReplicaConfig | undefined;
  /** Of a Redis that the processes share; undefined where each is by itself. */
  readonly redisUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Origin under which clients reach the server, without a trailing slash: `http://localhost:8103`. */
  readonly baseUrl: string;
  /** `<baseUrl>/fhir/R4`, without a trailing slash. */
  readonly fhirBase: string;
  /** `<baseUrl>/app-state`: FHIR base of the state of apps. */
  readonly stateBase: string;
  /** `<baseUrl>/oauth2`: issuer of the authorization server. */
  readonly issuer: string;
  readonly dataDir: string;
  readonly appsDir: string;
  readonly logLevel: string;
  readonly demo: boolean;
  /** Copies of the api behind the port. */
  readonly apiProcesses: number;
  /** Of each process. */
  readonly databasePoolSize: number;
  /** Connections for short reads, which are pipelined. */
  readonly databaseLaneSize: number;
  readonly bodySizeMaxBytes: number;
  readonly binarySizeMaxBytes: number;
  readonly bundleEntriesMax: number;
  /** Most matches of a conditional delete; with 1 only a single one is deleted. */
  readonly conditionalDeleteMax: number;
  readonly pageSize: number;
  readonly pageSizeMax: number;
  /** A page of more than 100 matches ends before it has more bytes than this. */
  readonly pageBytesMax: number;
  /** How long a link to another page is good. */
  readonly pageLinkTtlMs: number;
  readonly statementTimeoutMs: number;
  readonly search: SearchConfig;
  readonly terminology: TerminologyConfig;
  /** Encrypts page links, signs launch handles and cookies; from COOKIE_SECRET, at least 32 characters. */
  readonly secret: string;
  /** The style that apps are told of, instead of that of our own pages. */
  readonly styleFile: string | undefined;
  /** The Bundle of user-access brands, instead of one that is made of the address. */
  readonly brandsFile: string | undefined;
  /** What happens to writes that do not conform to a known profile that they claim. */
  readonly profileValidation: 'enforce' | 'warn' | 'off';
  readonly referentialIntegrity: 'enforce' | 'warn' | 'off';
  readonly subscription: SubscriptionConfig;
  readonly reindex: ReindexConfig;
  readonly packages: PackageConfig;
  readonly audit: AuditConfig;
  /** How long a record that was opened in an emergency stays open. */
  readonly emergencyMs: number;
  readonly egress: EgressConfig;
  readonly http: HttpConfig;
  readonly bulk: BulkConfig;
  readonly signingKey: SigningKeyConfig;
  readonly drain: DrainConfig;
  readonly account: AccountConfig;
  readonly graphql: GraphqlConfig;
  readonly worker: WorkerConfig;
  readonly metrics: MetricsConfig;
  readonly overload: OverloadConfig;
  readonly scheduling: SchedulingConfig;
  readonly content: ContentConfig;
}

/** What one connection and one request may take. */
export interface HttpConfig {
  /** Until the headers of a request are there. */
  readonly headersTimeoutMs: number;
  /** Until all of a request is there. */
  readonly requestTimeoutMs: number;
  /** The URL among them. */
  readonly headersSizeMaxBytes: number;
  readonly headersMax: number;
  /** Of each process. */
  readonly connectionsMax: number;
  /** 0 for no limit. */
  readonly connectionsPerAddressMax: number;
}

/** Which addresses are called on others' behalf. */
export interface EgressConfig {
  /** Whether loopback and private addresses are called; Subscriptions have a setting of their own. */
  readonly allowPrivate: boolean;
  /** Origins that are called whatever their addresses are. */
  readonly allowedOrigins: readonly string[];
  /** Whether nothing else is called. */
  readonly isRestricted: boolean;
}

/** SearchParameters of one's own and the indexing that they need. */
export interface ReindexConfig {
  /** Active SearchParameters besides the standard's. */
  readonly customParametersMax: number;
  /** Resources in one transaction; writers of these wait for it. */
  readonly batchSize: number;
  /** Between two batches, for others. */
  readonly pauseMs: number;
  /** Fallback for a missed notification of the database. */
  readonly pollMs: number;
  /** After so long every process is taken to know of a new parameter. */
  readonly settleMs: number;
  /** How long after a worker's crash its job is taken over. */
  readonly leaseMs: number;
  /** How long jobs that are over are kept for inspection. */
  readonly retentionMs: number;
}

/** Limits of one search; search/limits.ts says what each means. */
export interface SearchConfig {
  readonly parametersMax: number;
  readonly orValuesMax: number;
  readonly chainDepthMax: number;
  readonly filterDepthMax: number;
  readonly filterTermsMax: number;
  readonly includesMax: number;
  readonly includeDepthMax: number;
}

/** Limits of one request to terminology; terminology/limits.ts says what each means. */
export interface TerminologyConfig {
  readonly codes: number;
  readonly resources: number;
  readonly steps: number;
  /** Named closure tables of one client or user. */
  readonly closuresMax: number;
  /** Concepts in one closure table. */
  readonly closureConceptsMax: number;
}

/** What is recorded of accesses, and for how long. */
export interface AuditConfig {
  /** Whether reads and searches that succeed are recorded. Writes, refusals and security events always are. */
  readonly reads: boolean;
  /** Whether the record of a read is written before it is answered. */
  readonly isSynchronous: boolean;
  /** How long records of reads wait in memory, otherwise. */
  readonly flushMs: number;
  /** How often a worker looks for records to seal. */
  readonly pollMs: number;
  /** Records in one seal. */
  readonly batchSize: number;
  readonly retentionMs: number;
}

/** Raised at start-up with every fault in the environment at once. */
export class ConfigError extends Error {}

/**
 * Reads the settings from an environment. Throws ConfigError when one is missing, malformed or contradicts another.
 * @param onRead told the name of each setting that there is, at least once
 */
export function loadConfig(given: NodeJS.ProcessEnv, onRead?: (name: string) => void): Config {
  const faults: string[] = [];
  const env = watched(readSecretFiles(given, faults), onRead);
  const text = (name: string, fallback?: string): string => {
    const value = env[name] ?? fallback;
    if (value === undefined || value === '') faults.push(`${name} is not set`);
    return value ?? '';
  };
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = env[name] === undefined ? fallback : Number(env[name]);
    if (!Number.isInteger(value) || value < min || value > max) {
      faults.push(`${name} must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
  const port = whole('PORT', 8103, 0, 65535);
  const baseUrl = text('BASE_URL', `http://localhost:${port}`).replace(/\/+$/, '');
  if (!URL.canParse(baseUrl)) faults.push('BASE_URL is not a URL');
  else if (new URL(baseUrl).pathname !== '/') faults.push('BASE_URL must be an origin without a path');
  const secret = text('COOKIE_SECRET');
  if (secret !== '' && secret.length < 32) faults.push('COOKIE_SECRET must have at least 32 characters');
  const pageSize = whole('PAGE_SIZE', 50, 1, 10_000);
  const pageSizeMax = whole('PAGE_SIZE_MAX', 1_000, 1, 100_000);
  if (pageSize > pageSizeMax) faults.push('PAGE_SIZE exceeds PAGE_SIZE_MAX');
  const list = (name: string): string[] =>
    (env[name] ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const optionalFile = (name: string): string | undefined =>
    env[name] === undefined || env[name] === '' ? undefined : resolve(env[name]);
  const origins = (name: string, values: readonly string[]): string[] =>
    values.map((value) => {
      if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value).origin;
      faults.push(`${name} must list origins such as https://packages.example.org`);
      return value;
    });
  const profileValidation = text('PROFILE_VALIDATION', 'enforce');
  if (!['enforce', 'warn', 'off'].includes(profileValidation))
    faults.push('PROFILE_VALIDATION must be enforce, warn or off');
  const referentialIntegrity = text('REFERENTIAL_INTEGRITY', 'off');
  if (!['enforce', 'warn', 'off'].includes(referentialIntegrity))
    faults.push('REFERENTIAL_INTEGRITY must be enforce, warn or off');
  const host = text('HOST', '127.0.0.1');
  const binarySizeMaxBytes = whole('BINARY_SIZE_MAX_BYTES', 2 ** 30, 1_024, 2 ** 40);
  const bulk = loadBulkConfig({ whole });
  const requestTimeoutMs = whole('REQUEST_TIMEOUT_MS', 300_000, 100, 86_400_000);
  const demo = env['DEMO'] === 'true';
  if (demo && !['127.0.0.1', 'localhost', '::1'].includes(host)) {
    faults.push('DEMO=true has published passwords and is allowed only on a loopback HOST');
  }
  const databaseUrl = text('DATABASE_URL');
  const config: Config = {
    databaseUrl,
    replica: loadReplicaConfig(env, { whole, faults }, databaseUrl),
    redisUrl: loadRedisUrl(env, { faults }),
    host,
    port,
    baseUrl,
    fhirBase: `${baseUrl}/fhir/R4`,
    stateBase: `${baseUrl}/app-state`,
    issuer: `${baseUrl}/oauth2`,
    dataDir: resolve(text('DATA_DIR', '.data')),
    appsDir: resolve(text('APPS_DIR', 'smart-apps')),
    logLevel: text('LOG_LEVEL', 'info'),
    demo,
    apiProcesses: whole('API_PROCESSES', 1, 1, 256),
    databasePoolSize: whole('DATABASE_POOL_SIZE', 12, 1, 1_000),
    databaseLaneSize: whole('DATABASE_LANE_SIZE', 3, 1, 100),
    bodySizeMaxBytes: whole('BODY_SIZE_MAX_BYTES', 64 * 1024 * 1024, 1_024, 2 ** 30),
    binarySizeMaxBytes,
    bundleEntriesMax: whole('BUNDLE_ENTRIES_MAX', 20_000, 1, 1_000_000),
    conditionalDeleteMax: whole('CONDITIONAL_DELETE_MAX', 1, 1, 100_000),
    pageSize,
    pageSizeMax,
    pageBytesMax: whole('PAGE_BYTES_MAX', 16 * 1024 * 1024, 1_024, 2 ** 30),
    pageLinkTtlMs: whole('PAGE_LINK_TTL_SECONDS', 86_400, 1, 31_536_000) * 1_000,
    statementTimeoutMs: whole('STATEMENT_TIMEOUT_MS', 30_000, 100, 3_600_000),
    search: {
      parametersMax: whole('SEARCH_PARAMETERS_MAX', 50, 1, 1_000),
      orValuesMax: whole('SEARCH_OR_VALUES_MAX', 500, 1, 100_000),
      chainDepthMax: whole('SEARCH_CHAIN_DEPTH_MAX', 4, 0, 10),
      filterDepthMax: whole('SEARCH_FILTER_DEPTH_MAX', 10, 0, 100),
      filterTermsMax: whole('SEARCH_FILTER_TERMS_MAX', 50, 1, 1_000),
      includesMax: whole('SEARCH_INCLUDES_MAX', 1_000, 0, 100_000),
      includeDepthMax: whole('SEARCH_INCLUDE_DEPTH_MAX', 4, 1, 20),
    },
    terminology: {
      codes: whole('TERMINOLOGY_CODES_MAX', 10_000, 1, 1_000_000),
      resources: whole('TERMINOLOGY_RESOURCES_MAX', 200, 1, 10_000),
      steps: whole('TERMINOLOGY_STEPS_MAX', 1_000_000, 1_000, 1_000_000_000),
      closuresMax: whole('TERMINOLOGY_CLOSURES_MAX', 100, 0, 100_000),
      closureConceptsMax: whole('TERMINOLOGY_CLOSURE_CONCEPTS_MAX', 10_000, 1, 1_000_000),
    },
    secret,
    styleFile: optionalFile('SMART_STYLE_FILE'),
    brandsFile: optionalFile('SMART_BRANDS_FILE'),
    profileValidation: profileValidation as Config['profileValidation'],
    referentialIntegrity: referentialIntegrity as Config['referentialIntegrity'],
    subscription: {
      allowPrivate: (env['SUBSCRIPTION_ALLOW_PRIVATE'] ?? String(demo)) === 'true',
      attemptsMax: whole('SUBSCRIPTION_ATTEMPTS_MAX', 15, 1, 1_000),
      retryDelayMs: whole('SUBSCRIPTION_RETRY_DELAY_MS', 1_000, 1, 3_600_000),
      retryDelayMaxMs: whole('SUBSCRIPTION_RETRY_DELAY_MAX_MS', 300_000, 1, 86_400_000),
      timeoutMs: whole('SUBSCRIPTION_TIMEOUT_MS', 60_000, 100, 600_000),
      leaseMs: whole('SUBSCRIPTION_LEASE_MS', 15_000, 300, 600_000),
      concurrency: whole('SUBSCRIPTION_CONCURRENCY', 16, 1, 1_000),
      pollMs: whole('SUBSCRIPTION_POLL_MS', 1_000, 10, 600_000),
      batchSize: whole('SUBSCRIPTION_BATCH_SIZE', 200, 1, 10_000),
      notificationBytesMax: whole('SUBSCRIPTION_NOTIFICATION_BYTES_MAX', 4 * 1024 * 1024, 1_024, 2 ** 30),
      retentionMs: whole('SUBSCRIPTION_RETENTION_DAYS', 7, 1, 3_650) * 86_400_000,
      socketOrigins: origins('SUBSCRIPTION_SOCKET_ORIGINS', list('SUBSCRIPTION_SOCKET_ORIGINS')),
      tls: readTls(env, faults),
      mail: readMail(env, list('SUBSCRIPTION_EMAIL_DOMAINS'), faults),
    },
    packages: loadPackageConfig({ whole, list, text, origins, faults }, env),
    http: {
      headersTimeoutMs: whole('HEADERS_TIMEOUT_MS', 15_000, 100, 600_000),
      requestTimeoutMs,
      headersSizeMaxBytes: whole('HEADERS_SIZE_MAX_BYTES', 16_384, 1_024, 1_048_576),
      headersMax: whole('HEADERS_MAX', 100, 10, 10_000),
      connectionsMax: whole('CONNECTIONS_MAX', 10_000, 1, 1_000_000),
      connectionsPerAddressMax: whole('CONNECTIONS_PER_ADDRESS_MAX', 0, 0, 1_000_000),
    },
    egress: {
      allowPrivate: (env['EGRESS_ALLOW_PRIVATE'] ?? String(demo)) === 'true',
      allowedOrigins: origins('EGRESS_ALLOWED_ORIGINS', list('EGRESS_ALLOWED_ORIGINS')),
      isRestricted: env['EGRESS_RESTRICTED'] === 'true',
    },
    account: loadAccountConfig(env, { list, whole, faults }),
    graphql: loadGraphqlConfig({ whole }),
    worker: loadWorkerConfig(env, { whole }),
    metrics: loadMetricsConfig(env, { whole }),
    overload: loadOverloadConfig({ whole }),
    scheduling: loadSchedulingConfig(env, { whole, faults }),
    content: loadContentConfig(
      env,
      { whole, faults },
      { bytesMax: Math.max(binarySizeMaxBytes, bulk.fileBytesMax + bulk.batchBytesMax), requestTimeoutMs },
    ),
    emergencyMs: whole('EMERGENCY_MINUTES', 60, 1, 1_440) * 60_000,
    audit: {
      reads: (env['AUDIT_READS'] ?? 'true') === 'true',
      isSynchronous: env['AUDIT_SYNCHRONOUS'] === 'true',
      flushMs: whole('AUDIT_FLUSH_MS', 400, 1, 60_000),
      pollMs: whole('AUDIT_POLL_MS', 400, 10, 600_000),
      batchSize: whole('AUDIT_BATCH_SIZE', 500, 1, 10_000),
      retentionMs: whole('AUDIT_RETENTION_DAYS', 2_192, 1, 36_500) * 86_400_000,
    },
    bulk,
    signingKey: loadSigningKeyConfig({ whole }),
    drain: loadDrainConfig({ whole }),
    reindex: {
      customParametersMax: whole('SEARCH_CUSTOM_PARAMETERS_MAX', 200, 0, 10_000),
      batchSize: whole('REINDEX_BATCH_SIZE', 100, 1, 10_000),
      pauseMs: whole('REINDEX_PAUSE_MS', 20, 0, 60_000),
      pollMs: whole('REINDEX_POLL_MS', 2_000, 10, 600_000),
      settleMs: whole('REINDEX_SETTLE_MS', 5_000, 10, 3_600_000),
      leaseMs: whole('REINDEX_LEASE_MS', 60_000, 100, 3_600_000),
      retentionMs: whole('REINDEX_RETENTION_DAYS', 30, 1, 3_650) * 86_400_000,
    },
  };
  if (config.reindex.settleMs <= config.reindex.pollMs)
    faults.push('REINDEX_SETTLE_MS must exceed REINDEX_POLL_MS');
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return config;
}
