/** Headers of every answer; pages, apps and Binary content put policies of their own in their place. https://owasp.org/www-project-secure-headers/ */
import type { ServerResponse } from 'node:http';

const NO_DOCUMENT = "default-src 'none'; frame-ancestors 'none'";
/** Pages of the authorization server say themselves what they may load; one that does not is still in nobody's frame. */
const PAGE = "frame-ancestors 'none'; base-uri 'none'; object-src 'none'";
const HSTS = 'max-age=63072000; includeSubDomains';

/** HSTS goes out where clients reach the server by https only. https://www.rfc-editor.org/rfc/rfc6797 */
export function securityHeaders(baseUrl: string): (response: ServerResponse, path: string) => void {
  const isHttps = baseUrl.startsWith('https:');
  return (response, path) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Content-Security-Policy', path.startsWith('/oauth2') ? PAGE : NO_DOCUMENT);
    if (isHttps) response.setHeader('Strict-Transport-Security', HSTS);
  };
}
