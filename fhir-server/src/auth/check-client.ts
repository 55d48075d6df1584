/** What a client may be registered with, whoever registers it. Each check answers what is wrong, in words, or undefined. */
import { isEvaluable, parseScope, type CriteriaContext } from '../access/index.ts';
import { EgressError, type Egress } from '../egress/index.ts';
import { isUsableKey } from './client-keys.ts';
import { STATIC_SCOPES } from './client-store.ts';

const URL_MAX = 2_000;
const KEYS_MAX = 20;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
/** RFC 8252 section 7.1: a scheme of one's own is a domain name in reverse. */
const OWN_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
/** Members of private and symmetric keys: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** Of 4096 bits in base64url. */
const RSA_TEXT_MAX = 700;

const parsed = (text: unknown): URL | undefined =>
  typeof text === 'string' && text.length <= URL_MAX && !/[\s\\*]/.test(text) && URL.canParse(text)
    ? new URL(text)
    : undefined;

/** Exact, absolute, without a fragment, credentials or wildcards: https, http to this machine, or an app's own scheme. https://www.rfc-editor.org/rfc/rfc8252 */
export function redirectFault(text: unknown): string | undefined {
  const url = parsed(text);
  if (url === undefined) return 'must be an absolute URL without spaces or wildcards';
  if (url.hash !== '' || String(text).includes('#')) return 'must not have a fragment';
  if (url.username !== '' || url.password !== '') return 'must not contain credentials';
  if (url.protocol === 'https:' || OWN_SCHEME.test(url.protocol)) return undefined;
  if (url.protocol === 'http:' && LOOPBACK.includes(url.hostname)) return undefined;
  return 'must be https, http on a loopback address, or a scheme that is a domain name in reverse';
}

/** Where an EHR opens an app: https, or http to this machine. */
export function launchFault(text: unknown): string | undefined {
  const fault = redirectFault(text);
  if (fault !== undefined) return fault;
  return /^https?:/.test(String(text)) ? undefined : 'must be https, or http on a loopback address';
}

/** `https://app.example`, as browsers send it. */
export function originFault(text: unknown): string | undefined {
  const isOrigin = launchFault(text) === undefined && new URL(String(text)).origin === text;
  return isOrigin ? undefined : 'must be an origin such as https://app.example';
}

/** `system|code` of state that a client may keep here. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html */
export function stateCodeFault(text: unknown): string | undefined {
  const isCode =
    typeof text === 'string' && text.length <= URL_MAX && /^[^|,$\\\s]+\|[^|,$\\\s]+$/.test(text);
  return isCode ? undefined : 'must be system|code, as in https://app.example|preferences';
}

/** Where a client publishes what is fetched, its keys and its logo: https, and an address that is called. */
export function publishedUriFault(text: unknown, egress: Pick<Egress, 'check'>): string | undefined {
  const url = parsed(text);
  if (url === undefined || url.hash !== '') return 'must be an absolute URL';
  const isLocal = url.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) return 'must be https';
  try {
    egress.check(url);
    return undefined;
  } catch (error) {
    if (error instanceof EgressError) return error.message;
    throw error;
  }
}

/** Public keys only, each with a `kid` of its own. https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys */
export function jwksFault(jwks: unknown): string | undefined {
  const keys = (jwks as { keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_MAX)
    return `must be {"keys": […]} with 1 to ${KEYS_MAX} keys`;
  for (const [i, key] of (keys as unknown[]).entries()) {
    const fault = keyFault(key);
    if (fault !== undefined) return `keys[${i}] ${fault}`;
  }
  const kids = new Set((keys as { kid: string }[]).map(({ kid }) => kid));
  return kids.size === keys.length ? undefined : 'must not have two keys with the same kid';
}

function keyFault(key: unknown): string | undefined {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return 'must be a JWK';
  const jwk = key as Readonly<Record<string, unknown>>;
  const own = PRIVATE_MEMBERS.filter((name) => name in jwk);
  if (own.length > 0) return 'is a private or symmetric key; register the public part only';
  const { kty, kid, n, crv, use, alg } = jwk;
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) return 'must have a kid';
  if (use !== undefined && use !== 'sig') return 'must be for signatures (use: sig)';
  const wanted = kty === 'RSA' ? 'RS384' : kty === 'EC' ? 'ES384' : undefined;
  if (wanted === undefined) return 'must have kty RSA (RS384) or EC (ES384)';
  if (alg !== undefined && alg !== wanted) return `must be for ${wanted}`;
  if (kty === 'EC' && crv !== 'P-384') return 'must be on P-384';
  if (typeof n === 'string' && n.length > RSA_TEXT_MAX) return 'must have a modulus of at most 4096 bits';
  // What would not be accepted when it signs is not registered.
  return isUsableKey(jwk)
    ? undefined
    : 'must be one that is used for signatures: a modulus of 2048 to 4096 bits and an exponent from 65537 to 2^32, or a point on P-384';
}

/** Scopes with blanks between them, each of which could be granted; `others` beside those of SMART. */
export function scopeFault(
  text: unknown,
  criteria: CriteriaContext,
  others: readonly string[] = [],
): string | undefined {
  if (typeof text !== 'string') return 'must be a text of scopes with blanks between them';
  for (const word of text.split(' ').filter(Boolean)) {
    if (STATIC_SCOPES.includes(word) || others.includes(word)) continue;
    const scope = parseScope(word);
    if (scope === undefined) return 'has a scope that this server does not know';
    if (!isEvaluable(scope, criteria)) return 'has a scope whose parameters this server cannot evaluate';
  }
  return text.trim() === '' ? 'must name at least one scope' : undefined;
}

/** Shown to people on the page of consent. */
export const nameFault = (text: unknown): string | undefined => shownFault(text, 100);

/** What an app is launched for, in a word of its own. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#launch-intent */
export const intentFault = (text: unknown): string | undefined => shownFault(text, 200);

/** Line breaks, and what turns the direction of writing, could make a page say something else. */
function shownFault(text: unknown, lengthMax: number): string | undefined {
  const isShown = typeof text === 'string' && text.trim() !== '' && text.length <= lengthMax;
  return isShown && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
    ? undefined
    : `must have 1 to ${lengthMax} characters, none of which control the output`;
}

/** A page that people are led to: https, or http to this machine. */
export function pageFault(text: unknown): string | undefined {
  const url = parsed(text);
  if (url === undefined) return 'must be an absolute URL without spaces or wildcards';
  if (url.username !== '' || url.password !== '') return 'must not contain credentials';
  const isLocal = url.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  return url.protocol === 'https:' || isLocal ? undefined : 'must be https, or http on a loopback address';
}
