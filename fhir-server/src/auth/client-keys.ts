/** Keys by which clients sign: those registered, or those at the registered URL, for as long as its answer allows. */
import type { JWKS } from 'oidc-provider';
import type { Egress } from '../egress/index.ts';
import type { Logger } from '../platform/logger.ts';
import type { SharedCache } from '../redis/index.ts';
import type { ClientDocument } from './client-store.ts';

export interface ClientKeys {
  /** The usable keys of a client. An unknown `kid` has the registered URL asked once more, now and then. */
  of(client: ClientDocument, kid: string | undefined): Promise<JWKS>;
}

export interface ClientKeysOptions {
  readonly egress: Pick<Egress, 'fetch'>;
  readonly logger: Logger;
  /** Where another process has been told of them. */
  readonly shared?: SharedCache | undefined;
}

const RSA_BITS = { min: 2048, max: 4096 };
/** FIPS 186-4 and, above, what costs too much to verify. */
const RSA_EXPONENT = { min: 65_537, max: 0xffff_ffff };
const P384_BYTES = 48;
const KEYS_MAX = 100;
const BYTES_MAX = 256 * 1024;
const TIMEOUT_MS = 5_000;
/** Where the answer says nothing, and at most: a key that its owner took back is soon gone here. */
const KEPT_MS = 5 * 60_000;
const KEPT_MAX_MS = 60 * 60_000;
/** Between two questions because of an unknown key, and after one that failed. */
const PAUSE_MS = 30_000;
/** However short-lived the answers are. */
const PER_MINUTE_MAX = 60;
const URLS_MAX = 1_000;

/** As it is published: whatever a client says. */
type PublishedKey = Readonly<Record<string, unknown>>;

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Whether signatures by this key are accepted: RS384 and ES384, of sizes that are safe and cheap to verify. */
export function isUsableKey(jwk: PublishedKey): boolean {
  const { kty, kid, use, alg, key_ops: operations, n, e, crv, x, y } = jwk;
  if (typeof kid !== 'string' || kid === '') return false;
  if (PRIVATE.some((member) => member in jwk)) return false;
  if (use !== undefined && use !== 'sig') return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  if (kty === 'EC')
    return crv === 'P-384' && [x, y].every((at) => bytes(at).length === P384_BYTES) && isOf(alg, 'ES384');
  if (kty !== 'RSA' || !isOf(alg, 'RS384')) return false;
  const [modulus, exponent] = [bits(bytes(n)), bytes(e)];
  if (modulus < RSA_BITS.min || modulus > RSA_BITS.max || exponent.length > 4) return false;
  const value = exponent.reduce((sum, byte) => sum * 256 + byte, 0);
  return value >= RSA_EXPONENT.min && value <= RSA_EXPONENT.max && value % 2 === 1;
}

const isOf = (alg: unknown, wanted: string): boolean => alg === undefined || alg === wanted;
const bytes = (text: unknown): Buffer => Buffer.from(typeof text === 'string' ? text : '', 'base64url');

function bits(number: Buffer): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first - 1) * 8 + (32 - Math.clz32(number[first]!));
}

interface Kept {
  readonly keys: readonly PublishedKey[];
  readonly freshUntil: number;
  /** Whether another process was told of them. */
  readonly isRecalled?: boolean;
}

interface Source {
  kept?: Kept | undefined;
  pending?: Promise<Kept> | undefined;
  /** Not asked again before, but for keys that are no longer fresh. */
  unknownKeyAgainAt: number;
  failedUntil: number;
  asked: number[];
}

export function createClientKeys({ egress, logger, shared }: ClientKeysOptions): ClientKeys {
  const sources = new Map<string, Source>();

  async function load(url: string, kid: string | undefined): Promise<readonly PublishedKey[]> {
    const source = sources.get(url) ?? { unknownKeyAgainAt: 0, failedUntil: 0, asked: [] };
    if (sources.size >= URLS_MAX && !sources.has(url)) sources.delete(sources.keys().next().value!);
    sources.set(url, source);
    const now = Date.now();
    const { kept } = source;
    if (kept !== undefined && kept.freshUntil > now) {
      if (kept.keys.some((key) => key.kid === kid) || source.unknownKeyAgainAt > now) return kept.keys;
      source.unknownKeyAgainAt = now + PAUSE_MS;
    }
    source.asked = source.asked.filter((at) => at > now - 60_000);
    if (source.pending === undefined && (source.failedUntil > now || source.asked.length >= PER_MINUTE_MAX))
      return [];
    const found = await (source.pending ??= ask(url, source, kid));
    // It was for the sake of another key that nothing was asked.
    if (found.isRecalled === true && !found.keys.some((key) => key.kid === kid)) return load(url, kid);
    return found.keys;
  }

  async function ask(url: string, source: Source, kid: string | undefined): Promise<Kept> {
    try {
      const known = await recall(shared, url);
      // A key that another process did not see either is asked for.
      if (known?.keys.some((key) => key.kid === kid)) return (source.kept = known);
      source.asked.push(Date.now());
      source.kept = await fetchKeys(egress, url);
      void shared?.set(url, { text: JSON.stringify(source.kept.keys), until: source.kept.freshUntil });
      return source.kept;
    } catch (error) {
      source.failedUntil = Date.now() + PAUSE_MS;
      logger.warn({ err: error, origin: new URL(url).origin }, 'keys of a client not loaded');
      return { keys: [], freshUntil: 0 };
    } finally {
      source.pending = undefined;
    }
  }

  return {
    async of({ jwks, jwksUri }, kid) {
      const registered = (jwks?.keys ?? []) as unknown as readonly PublishedKey[];
      const keys = jwksUri === undefined ? registered : await load(jwksUri, kid);
      return { keys: keys.filter(isUsableKey) };
    },
  };
}

async function recall(shared: SharedCache | undefined, url: string): Promise<Kept | undefined> {
  const found = await shared?.get(url);
  return (
    found && { keys: JSON.parse(found.text) as PublishedKey[], freshUntil: found.until, isRecalled: true }
  );
}

async function fetchKeys(egress: ClientKeysOptions['egress'], url: string): Promise<Kept> {
  const at = Date.now();
  const headers = { Accept: 'application/json' };
  const response = await egress.fetch(url, { headers, bytesMax: BYTES_MAX, timeoutMs: TIMEOUT_MS });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  const { keys } = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length > KEYS_MAX) throw new Error('no JWK Set, or one of too many keys');
  const isKey = (key: unknown): key is PublishedKey =>
    typeof key === 'object' && key !== null && !Array.isArray(key);
  return { keys: keys.filter(isKey), freshUntil: at + Math.min(freshness(response.headers), KEPT_MAX_MS) };
}

/** https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1, for a cache of our own. */
function freshness(headers: Headers): number {
  const control = (headers.get('cache-control') ?? '').toLowerCase();
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const seconds = /(?:^|[\s,])max-age="?(\d+)/.exec(control)?.[1];
  const age = Number(headers.get('age') ?? 0);
  if (seconds !== undefined) return Math.max(0, Number(seconds) - (Number.isFinite(age) ? age : 0)) * 1_000;
  const expires = headers.get('expires');
  if (expires === null) return KEPT_MS;
  const until = Date.parse(expires) - (Date.parse(headers.get('date') ?? '') || Date.now());
  return Number.isNaN(until) ? 0 : Math.max(0, until);
}
