/** What one connection and one request may take, so that slow and greedy clients keep nobody else from the server. https://nodejs.org/api/http.html#class-httpserver */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { HttpConfig } from '../platform/config.ts';
import { SOCKET_PATH } from '../platform/socket-url.ts';
import { answerUnreadable } from './unreadable.ts';

/** Longer than the minute after which load balancers close an idle connection: who closes it second sends no request into the void. */
const KEEP_ALIVE_MS = 75_000;
/** Of a connection on which nothing moves in either direction, with whoever does not read his answer. Longer than any answer takes. */
const IDLE_MS = 600_000;

/** A server that does not listen yet. Requests and headers that do not come to their end in time are cut off with 408. */
export function createHttpServer(config: HttpConfig, app: RequestListener): Server {
  const { headersTimeoutMs, requestTimeoutMs, headersSizeMaxBytes } = config;
  const http = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: headersTimeoutMs,
      requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
      connectionsCheckingInterval: Math.min(5_000, Math.ceil(headersTimeoutMs / 4)),
      maxHeaderSize: headersSizeMaxBytes,
      shouldUpgradeCallback: asksForSocket,
    },
    app,
  );
  http.timeout = IDLE_MS;
  // All are read and counted: Node leaves out what is above its own number without a word.
  http.maxHeadersCount = 0;
  http.maxConnections = config.connectionsMax;
  limitPerAddress(http, config.connectionsPerAddressMax);
  http.on('clientError', answerUnreadable);
  return http;
}

/** Whoever offers another protocol, as clients of HTTP/2 do, is answered in this one. https://www.rfc-editor.org/rfc/rfc9110#section-7.8 */
const asksForSocket = ({ headers, url = '' }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && url.split('?', 1)[0] === SOCKET_PATH;

/** 0 is no limit: behind a proxy everybody has the address of the proxy. */
function limitPerAddress(http: Server, most: number): void {
  if (most === 0) return;
  const open = new Map<string, number>();
  http.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
