/** Whether a URL is one to call, as far as its text says. Names are resolved, and looked at, only when connecting. */
import { isIP } from 'node:net';
import { addressKind, type AddressKind } from './address.ts';
import { EgressError } from './egress-error.ts';

const LENGTH_MAX = 4_096;

export interface UrlRules {
  /** Kinds of addresses that are called, wherever they are. */
  readonly kinds: readonly AddressKind[];
  /** Origins that are called whatever their addresses are. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Whether nothing else is called. */
  readonly isRestricted: boolean;
}

/** Throws EgressError `refused`. URL has made decimal, octal, hexadecimal and full-width hosts into plain addresses. */
export function checkUrl(text: string | URL, rules: UrlRules): URL {
  if (String(text).length > LENGTH_MAX) throw new EgressError('refused', 'a URL that is too long');
  if (!URL.canParse(String(text))) throw new EgressError('refused', 'no absolute URL');
  const url = new URL(String(text));
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new EgressError('refused', `the scheme is ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw new EgressError('refused', 'credentials in the URL');
  if (rules.allowedOrigins.has(url.origin)) return url;
  if (rules.isRestricted) throw new EgressError('refused', `${url.origin} is not an allowed origin`);
  const kind = kindOfHost(url.hostname);
  if (kind !== undefined && !rules.kinds.includes(kind))
    throw new EgressError('refused', `${url.hostname} is a ${kind} address`);
  return url;
}

/** Undefined for names other than those that mean this machine. */
function kindOfHost(hostname: string): AddressKind | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return addressKind(host);
  return host === 'localhost' || host.endsWith('.localhost') ? 'local' : undefined;
}
