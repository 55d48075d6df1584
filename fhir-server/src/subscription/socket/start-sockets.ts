/** Websockets of Subscriptions on the HTTP server of an api: hears of events that any worker has recorded. */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { createWakeUp, type Pool } from '../../db/index.ts';
import type { Server } from '../../interaction/index.ts';
import type { Logger } from '../../platform/logger.ts';
import type { SharedRedis } from '../../redis/index.ts';
import type { LoadPrincipal } from '../may-read.ts';
import { createMarkActive } from '../subscription-state.ts';
import { createEventFanOut } from '../topic/event-fan-out.ts';
import { countLive } from '../topic/event-store.ts';
import { createTopics } from '../topic/topic-store.ts';
import { type Binding, recheck, type SocketContext, tell } from './binding.ts';
import { type Connections, end, serve, type SocketLimits } from './connection.ts';

const MESSAGE_BYTES_MAX = 4_096;
const PING_EVERY_MS = 30_000;
const CLOSE_MS = 2_000;
const LIMITS: SocketLimits = { bindMs: 10_000, messagesMax: 30, bindingsMax: 50, socketsMax: 20 };

export interface SocketOptions {
  readonly pool: Pool;
  readonly server: Server;
  readonly loadPrincipal: LoadPrincipal;
  readonly logger: Logger;
  readonly redis?: SharedRedis | undefined;
  readonly limits?: Partial<SocketLimits>;
}

export interface RunningSockets {
  /** Tells all that the server goes away (1001). */
  close(): Promise<void>;
}

export function startSockets(http: HttpServer, options: SocketOptions): RunningSockets {
  const { pool, server, logger } = options;
  const { baseUrl, fhirBase, subscription: settings } = server.config;
  const origins = new Set([new URL(baseUrl).origin, ...settings.socketOrigins]);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false, clientTracking: true }); // prettier-ignore
  const connections: Connections = { bindings: new Set(), limits: { ...LIMITS, ...options.limits } };
  const context = {
    pool,
    server,
    logger,
    topics: createTopics({ registry: server.registry, baseUrl: fhirBase }),
    loadPrincipal: options.loadPrincipal,
    // It does not become the owner of what it marks.
    markActive: createMarkActive({ ...server, writeRules: {} }),
  };
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (isForeign(request, origins)) {
      stream.on('error', () => undefined);
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      alive.add(socket);
      socket.on('pong', () => alive.add(socket));
      serve(socket, connections, context);
    });
  };
  const alive = new WeakSet<WebSocket>();
  http.on('upgrade', upgrade);
  const stopping = new AbortController();
  const due = createWakeUp();
  stopping.signal.addEventListener('abort', () => due.wake(), { once: true });
  const running = Promise.all([
    createEventFanOut({ pool, logger, redis: options.redis }).hear((ids) => {
      if (isConcerned(connections, ids)) due.wake();
    }, stopping.signal),
    tellLoop(connections, context, due, stopping.signal, settings.pollMs),
  ]);
  const pings = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
    void recheckAll(connections, context).then(() => due.wake());
  }, PING_EVERY_MS);
  return {
    async close() {
      clearInterval(pings);
      http.off('upgrade', upgrade);
      stopping.abort();
      for (const socket of sockets.clients) socket.close(1001, 'the server is stopping');
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_MS);
      await new Promise((resolve) => sockets.close(resolve));
      await running;
      clearTimeout(timer);
    },
  };
}

/** Events of others are nothing to ask the database for. */
const isConcerned = ({ bindings }: Connections, ids: readonly string[] | undefined): boolean =>
  ids === undefined || [...bindings].some(({ subscriptionId }) => ids.includes(subscriptionId));

/** A browser says where its page is from; a token is needed all the same. */
const isForeign = ({ headers }: IncomingMessage, origins: ReadonlySet<string>): boolean =>
  headers.origin !== undefined && !origins.has(headers.origin);

/** One question for all that are bound here, whenever something was recorded, and now and then in case that was missed. */
async function tellLoop(
  { bindings }: Connections,
  context: SocketContext & { readonly logger: Logger },
  due: ReturnType<typeof createWakeUp>,
  signal: AbortSignal,
  pollMs: number,
): Promise<void> {
  while (!signal.aborted) {
    await due.wait(pollMs);
    const free = [...bindings].filter((b) => !b.isBusy);
    if (free.length === 0) continue;
    try {
      const counts = await countLive(context.pool, [...new Set(free.map((b) => b.subscriptionId))]);
      for (const binding of free) {
        const count = counts.get(binding.subscriptionId);
        // Gone, switched off, or made anew; tell finds out.
        if (count !== binding.sent || isQuiet(binding))
          void withBinding(binding, bindings, context, () => tell(context, binding, count)).then(() =>
            due.wake(),
          );
      }
    } catch (error) {
      context.logger.warn({ err: error }, 'events for websockets not read; tried again');
    }
  }
}

/** One after the other: rights that have ended close a connection though nothing happens. */
async function recheckAll(
  { bindings }: Connections,
  context: SocketContext & { readonly logger: Logger },
): Promise<void> {
  for (const binding of [...bindings])
    if (bindings.has(binding) && !binding.isBusy)
      await withBinding(binding, bindings, context, () => recheck(context, binding));
}

const isQuiet = ({ heartbeatMs, sentAt }: Binding): boolean =>
  heartbeatMs !== undefined && Date.now() - sentAt >= heartbeatMs;

/** Nothing else is done with it meanwhile; a fault ends the connection. */
async function withBinding(
  binding: Binding,
  bindings: Set<Binding>,
  { logger }: { readonly logger: Logger },
  work: () => Promise<void>,
): Promise<void> {
  binding.isBusy = true;
  try {
    await work();
  } catch (error) {
    bindings.delete(binding);
    end(binding.socket, error, logger);
  } finally {
    binding.isBusy = false;
  }
}
