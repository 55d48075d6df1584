/** The one way out: whatever is fetched from addresses that others name goes through here (server-side request forgery). */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import {
  Agent,
  fetch as undiciFetch,
  type RequestInit as UndiciInit,
  type Response as UndiciResponse,
} from 'undici';
import type { Logger } from '../platform/logger.ts';
import { checkedLookup, type AddressKind } from './address.ts';
import { checkUrl, type UrlRules } from './check-url.ts';
import { EgressError } from './egress-error.ts';
import { detailOf } from './fault-detail.ts';
import { limitBody } from './limit-body.ts';
import { post, type PostInit } from './post.ts';

const REDIRECTS_MAX = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const CONNECT_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 20_000;
const BYTES_MAX = 1024 * 1024;
/** What proves who we are stays with the origin to which it was given. */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization'];

/** PEM texts. */
export interface ClientTls {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

export interface EgressOptions {
  /** Whether loopback and private addresses are called. Link-local, multicast and reserved ones never are. */
  readonly allowPrivate: boolean;
  /** Origins that are called whatever their addresses are: the operator named them. */
  readonly allowedOrigins?: readonly string[];
  /** Whether nothing but the allowed origins is called. */
  readonly isRestricted?: boolean;
  /** By which servers that ask for it know us, and whom we trust beside the authorities of the system. */
  readonly tls?: ClientTls | undefined;
  readonly logger: Logger;
  /** How names are resolved; that of the system where none is given. */
  readonly lookup?: LookupFunction;
}

export interface EgressLimits {
  /** Of the unpacked body; 1 MiB where none is given. */
  readonly bytesMax?: number;
  /** Until the body has been read; 10 s where none is given. */
  readonly timeoutMs?: number;
}

export interface Egress {
  /** The URL, if its text is that of one to call. Throws EgressError `refused`. */
  check(url: string | URL): URL;
  /**
   * `fetch` of the WHATWG, also for libraries that take one; a `dispatcher` of theirs is ignored. Redirects are an
   * error unless `redirect` is `manual` (they are answered) or, for GET and HEAD, `follow` (each hop is checked as the
   * first was; credentials go to the first origin only). Throws EgressError, as reading the body does.
   */
  fetch(url: string | URL, init?: RequestInit & EgressLimits): Promise<Response>;
  /** POSTs and answers the status. Redirects are not followed. Throws EgressError. */
  post(url: string | URL, init: PostInit): Promise<number>;
  close(): Promise<void>;
}

export function createEgress(options: EgressOptions): Egress {
  const { allowPrivate, allowedOrigins = [], isRestricted = false, logger, lookup = resolve } = options;
  const kinds: AddressKind[] = allowPrivate ? ['public', 'local'] : ['public'];
  const rules: UrlRules = { kinds, allowedOrigins: new Set(allowedOrigins), isRestricted };
  const { ca, ...own } = options.tls ?? {};
  const identity = { ...own, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
  const agent = (own: LookupFunction): Agent =>
    new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: own, ...identity },
      // The time that a call has bounds the headers.
      headersTimeout: 0,
      bodyTimeout: IDLE_TIMEOUT_MS,
    });
  const agents = { checked: agent(checkedLookup(lookup, kinds)), trusting: agent(lookup) };
  const agentFor = (url: URL): Agent => agents[rules.allowedOrigins.has(url.origin) ? 'trusting' : 'checked'];
  const told = (error: unknown, url: string | URL): EgressError => {
    const fault = error instanceof EgressError ? error : new EgressError('failed', detailOf(error));
    // Paths and queries may hold what is nobody's business.
    const origin = URL.canParse(String(url)) ? new URL(url).origin : undefined;
    logger.warn({ origin, code: fault.code, detail: fault.detail }, 'outgoing call not made or failed');
    return fault;
  };
  return {
    check: (url) => checkUrl(url, rules),
    async fetch(url, init = {}) {
      try {
        return await call(url, init, rules, agentFor);
      } catch (error) {
        throw told(error, url);
      }
    },
    async post(url, init) {
      try {
        const checked = checkUrl(url, rules);
        return await post(checked, init, agentFor(checked));
      } catch (error) {
        throw told(error, url);
      }
    },
    async close() {
      await Promise.all([agents.checked.close(), agents.trusting.close()]);
    },
  };
}

async function call(
  first: string | URL,
  init: RequestInit & EgressLimits,
  rules: UrlRules,
  agentFor: (url: URL) => Agent,
): Promise<Response> {
  const { bytesMax = BYTES_MAX, timeoutMs = TIMEOUT_MS, redirect = 'error', method = 'GET' } = init;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const headers = new Headers(init.headers);
  let url = checkUrl(first, rules);
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const response = await undiciFetch(url.href, {
      method,
      headers: [...headers],
      body: (init.body ?? null) as UndiciInit['body'] & (string | null),
      redirect: 'manual',
      credentials: 'omit',
      signal,
      dispatcher: agentFor(url),
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || location === null || redirect === 'manual')
      return await accept(response, url, bytesMax);
    await response.body?.cancel();
    if (redirect === 'error' || !['GET', 'HEAD'].includes(method.toUpperCase()))
      throw new EgressError('failed', `${url.origin} redirects`);
    if (!URL.canParse(location, url.href))
      throw new EgressError('failed', `${url.origin} redirects to no URL`);
    const next = checkHop(new URL(location, url), rules);
    if (next.origin !== url.origin) for (const name of CREDENTIALS) headers.delete(name);
    url = next;
  }
  throw new EgressError('failed', `${new URL(first).href} redirects more than ${REDIRECTS_MAX} times`);
}

/** Where it leads is the answer's word and not the caller's: he is told what he is told of every failure. */
function checkHop(url: URL, rules: UrlRules): URL {
  try {
    return checkUrl(url, rules);
  } catch (error) {
    throw new EgressError(
      'failed',
      error instanceof EgressError ? `a redirect: ${error.detail}` : 'a redirect',
    );
  }
}

async function accept(response: UndiciResponse, url: URL, bytesMax: number): Promise<Response> {
  if (response.body !== null && Number(response.headers.get('content-length') ?? 0) > bytesMax) {
    await response.body?.cancel();
    throw new EgressError('too-large', `more than ${bytesMax} bytes`);
  }
  return limitBody(response, url, bytesMax);
}
