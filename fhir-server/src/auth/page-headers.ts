/** Headers of every page of ours: no script, no frame, no trace in caches or in the next site's logs. */
import type { ServerResponse } from 'node:http';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** For the pages that ask for a passkey, which only a script can do: a file of the server, nothing in the page. */
export function allowOwnScript(response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', `${POLICY}; script-src 'self'`);
}
