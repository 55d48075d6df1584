/** Which addresses are whose: the Internet's, a network of the operator's, or nobody's to call. https://www.iana.org/assignments/iana-ipv4-special-registry */
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** `local`: called where the operator allows it. `special`: link-local with the metadata of clouds, multicast, unspecified, translated, reserved; never called. */
export type AddressKind = 'public' | 'local' | 'special';

/** Those of IPv4, and as they are when mapped into IPv6. Metadata services have addresses of several kinds. */
const RANGES: Readonly<Record<'special' | 'local', readonly string[]>> = {
  special: [
    '0.0.0.0/8',
    '100.100.100.200/32',
    '168.63.129.16/32',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
    'fd00:ec2::/32',
    // Of the global unicast addresses: Teredo and other protocols, documentation, 6to4, AS112.
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '2620:4f:8000::/48',
    '3fff::/20',
  ],
  local: [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '::1/128',
    'fc00::/7',
  ],
};

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];
const parsed = (texts: readonly string[]): Range[] => texts.map((text) => ipaddr.parseCIDR(text));
const SPECIAL = parsed(RANGES.special);
const LOCAL = parsed(RANGES.local);
/** All of IPv6 that is given out; the rest is link-local, multicast, NAT64 and other translations, or nobody's. */
const GLOBAL_UNICAST = parsed(['2000::/3']);

const isIn = (address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean =>
  ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));

export function addressKind(text: string): AddressKind {
  if (!ipaddr.isValid(text)) return 'special';
  // An IPv4 address that is mapped into IPv6 is judged as what it is.
  const address = ipaddr.process(text);
  if (isIn(address, SPECIAL)) return 'special';
  if (isIn(address, LOCAL)) return 'local';
  return address.kind() === 'ipv4' || isIn(address, GLOBAL_UNICAST) ? 'public' : 'special';
}

/** A name that has an address which may not be called, found at the moment of connecting. */
export class AddressError extends Error {}

/** Resolves names for a connection and refuses those that have an address of another kind: a later change of DNS gains nothing. */
export function checkedLookup(resolve: LookupFunction, kinds: readonly AddressKind[]): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: 0 }] : found;
      const other = addresses.find(({ address }) => !kinds.includes(addressKind(address)));
      const first = addresses[0];
      if (other !== undefined || first === undefined)
        return callback(new AddressError(`resolves to ${other?.address ?? 'no address'}`), []);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
