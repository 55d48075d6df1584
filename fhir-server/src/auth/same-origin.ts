/** Whether a form was sent from a page of ours: other sites cannot make a browser act for its user. https://www.w3.org/TR/fetch-metadata/ */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers say where a request comes from. Origin is `null` here, because our pages send no referrer; it counts where
 * there is no Sec-Fetch-Site. Without either it is no browser, and the cookie of the interaction alone decides.
 */
export function isSameOrigin(headers: IncomingHttpHeaders, baseUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  return origin === undefined || origin === 'null' || origin === new URL(baseUrl).origin;
}
