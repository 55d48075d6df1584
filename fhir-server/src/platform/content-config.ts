/** Where the content of Binaries and the files of exports lie: in a folder, or in a bucket of S3 or of what speaks as it does. */
import type { SettingReader } from './account-config.ts';

export interface ContentConfig {
  /** Undefined where all of it lies in the folder. */
  readonly bucket: BucketConfig | undefined;
  /** Content that no version has after so long is removed. */
  readonly orphanMs: number;
  /** How often a worker looks for such content. */
  readonly cleanupMs: number;
}

/** Credentials come from the chain that every program of AWS goes through. */
export interface BucketConfig {
  readonly name: string;
  /** What all keys begin with; empty, or ends with a slash. */
  readonly prefix: string;
  /** Undefined: AWS_REGION, or what the shared configuration of AWS says. */
  readonly region: string | undefined;
  /** Of a server that is not AWS; it is asked with the bucket in the path. */
  readonly endpoint: string | undefined;
  /** With it content is encrypted by this key of KMS, otherwise as the bucket says. */
  readonly kmsKeyId: string | undefined;
  /** Until a connection, and until anything more arrives on it. */
  readonly timeoutMs: number;
  /** Of one request, with growing pauses. */
  readonly attemptsMax: number;
  /** Of each process. */
  readonly connectionsMax: number;
  /** Uploads of one process at once; each has at most two parts in memory. */
  readonly uploadsMax: number;
  /** The longest content decides how large a part must be: there are at most 10,000. */
  readonly partBytes: number;
  /** How long a link to content is good that a read is redirected to; 0 where the server sends it itself. */
  readonly redirectSeconds: number;
}

const MEBIBYTE = 1024 * 1024;
const PARTS_MAX = 10_000;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART_BYTES_MIN = 5 * MEBIBYTE;

/** What means nothing without a bucket. */
const OF_BUCKET = ['S3_PREFIX', 'S3_REGION', 'S3_ENDPOINT', 'S3_KMS_KEY_ID', 'S3_REDIRECT_SECONDS'];

/** Adds to `faults` what is wrong. `bytesMax` is the most that one content may have. */
export function loadContentConfig(
  env: NodeJS.ProcessEnv,
  { whole, faults }: Pick<SettingReader, 'whole' | 'faults'>,
  limits: { readonly bytesMax: number; readonly requestTimeoutMs: number },
): ContentConfig {
  const optional = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const name = optional('S3_BUCKET');
  const endpoint = optional('S3_ENDPOINT')?.replace(/\/+$/, '');
  const bucket: BucketConfig = {
    name: name ?? '',
    prefix: readPrefix(optional('S3_PREFIX'), faults),
    region: optional('S3_REGION'),
    endpoint,
    kmsKeyId: optional('S3_KMS_KEY_ID'),
    timeoutMs: whole('S3_TIMEOUT_MS', 10_000, 100, 600_000),
    attemptsMax: whole('S3_ATTEMPTS_MAX', 4, 1, 20),
    connectionsMax: whole('S3_CONNECTIONS_MAX', 100, 1, 10_000),
    uploadsMax: whole('S3_UPLOADS_MAX', 32, 1, 10_000),
    partBytes: Math.max(PART_BYTES_MIN, Math.ceil(limits.bytesMax / PARTS_MAX)),
    redirectSeconds: whole('S3_REDIRECT_SECONDS', 0, 0, 3_600),
  };
  checkEndpoint(endpoint, env['S3_PLAIN_HTTP'] === 'true', faults);
  const lone = OF_BUCKET.filter((setting) => optional(setting) !== undefined);
  if (name === undefined && lone.length > 0)
    faults.push(`S3_BUCKET is not set, while ${lone.join(' and ')} ${lone.length > 1 ? 'are' : 'is'}`);
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  if (name !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    faults.push('S3_BUCKET is not the name of a bucket');
  const orphanMs = whole('BINARY_ORPHAN_HOURS', 24, 1, 8_760) * 3_600_000;
  if (orphanMs < 2 * limits.requestTimeoutMs)
    faults.push('BINARY_ORPHAN_HOURS must be at least twice REQUEST_TIMEOUT_MS');
  return {
    bucket: name === undefined ? undefined : bucket,
    orphanMs,
    cleanupMs: whole('BINARY_CLEANUP_MS', 600_000, 100, 86_400_000),
  };
}

function readPrefix(value: string | undefined, faults: string[]): string {
  const prefix = value?.replace(/\/+$/, '') ?? '';
  if (prefix === '') return '';
  if (!/^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/.test(prefix) || prefix.length > 256)
    faults.push('S3_PREFIX must be names of letters, digits and hyphens with slashes between them');
  return `${prefix}/`;
}

/** Content is health data: it goes by TLS unless whoever runs the server has said that he knows the way. */
function checkEndpoint(endpoint: string | undefined, isPlainAllowed: boolean, faults: string[]): void {
  if (endpoint === undefined) return;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    faults.push('S3_ENDPOINT is not an http(s) URL');
    return;
  }
  const { protocol, hostname } = new URL(endpoint);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'http:' && !isLoopback && !isPlainAllowed)
    faults.push('S3_ENDPOINT is without TLS; S3_PLAIN_HTTP=true allows that');
}
