/** Whose address a request is from, when proxies stand before the server. https://www.rfc-editor.org/rfc/rfc7239 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Each trusted proxy has added one entry to X-Forwarded-For; what stands before those entries a client may have
 * written himself, and is not looked at. Without trusted proxies the header counts for nothing.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'socket' | 'headers'>,
  trustedProxies: number,
): string {
  const own = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return own;
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const hops = [own, ...forwarded.map((part) => part.trim()).toReversed()];
  const address = hops[Math.min(trustedProxies, hops.length - 1)] ?? '';
  return isIP(address) === 0 ? own : address;
}
