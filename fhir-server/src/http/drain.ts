/** An HTTP server that is to end: it tells balancers and clients, goes on for a while, and finishes what is under way. */
import type { Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Drain {
  /** Whether new requests had better go elsewhere: `/readyz` says so. */
  readonly hasBegun: boolean;
  /** To be told of each request before it is answered. */
  watch(response: ServerResponse): void;
  /**
   * From now on each answer closes its connection (RFC 9112, section 9.6), so that its client opens the next one elsewhere.
   * Requests are taken for `delayMs` more. Resolves then.
   */
  begin(delayMs: number): Promise<void>;
  /** Takes no connections any more, and waits for requests under way, at most for `ms`; what is left then is cut off. */
  finish(http: Server, ms: number): Promise<void>;
}

export function createDrain(): Drain {
  const underWay = new Set<ServerResponse>();
  let hasBegun = false;
  const closeAfter = (response: ServerResponse): void => {
    if (!response.headersSent) response.shouldKeepAlive = false;
  };
  return {
    get hasBegun() {
      return hasBegun;
    },
    watch(response) {
      if (hasBegun) closeAfter(response);
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
    },
    async begin(delayMs) {
      hasBegun = true;
      for (const response of underWay) closeAfter(response);
      if (delayMs > 0) await sleep(delayMs);
    },
    async finish(http, ms) {
      const closed = new Promise((resolve) => http.close(resolve));
      http.closeIdleConnections();
      // An answer that had begun when the drain did keeps its connection.
      for (const response of underWay)
        response.once('finish', () => setImmediate(() => http.closeIdleConnections()));
      const timer = setTimeout(() => http.closeAllConnections(), ms);
      await closed;
      clearTimeout(timer);
    },
  };
}
