/** Which addresses a rest-hook may reach: never the server's own network unless the operator allows it (SSRF). */
import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** True for every address that is not globally routable unicast: loopback, private, link-local, multicast, reserved… */
export function isPrivateAddress(address: string): boolean {
  return !ipaddr.isValid(address) || ipaddr.process(address).range() !== 'unicast';
}

/** Says in words why an endpoint is not acceptable as written, or undefined. Names are resolved only when connecting. */
export function endpointFault(endpoint: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(endpoint)) return 'the endpoint is not an absolute URL';
  const url = new URL(endpoint);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'the endpoint must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'the endpoint must not contain credentials';
  if (allowPrivate) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const named = host === 'localhost' || host.endsWith('.localhost');
  const privateHost = named || (isIP(host) !== 0 && isPrivateAddress(host));
  return privateHost
    ? 'the endpoint is on a loopback or private address, which this server does not call'
    : undefined;
}

/** A DNS lookup that refuses names with a private address, at the moment of connecting: a later change of DNS gains nothing. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    if (addresses.some((a) => isPrivateAddress(a.address))) {
      return callback(new Error('the endpoint resolves to a loopback or private address'), []);
    }
    const first = addresses[0];
    if (options.all === true || first === undefined) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};
