/** What a client may say on its socket, how often, and what ends it. https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#websockets */
import type { RawData, WebSocket } from 'ws';
import type { Pool } from '../../db/index.ts';
import type { Logger } from '../../platform/logger.ts';
import {
  type Binding,
  POLICY_VIOLATION,
  shakeHands,
  type SocketContext,
  TRY_AGAIN,
  Unbound,
} from './binding.ts';
import { takeToken } from './token-store.ts';

export interface SocketLimits {
  /** Until the first Subscription is bound. */
  readonly bindMs: number;
  /** Messages in ten seconds. */
  readonly messagesMax: number;
  /** Subscriptions on one socket. */
  readonly bindingsMax: number;
  /** Sockets of one client for one user. */
  readonly socketsMax: number;
}

export interface Connections {
  readonly bindings: Set<Binding>;
  readonly limits: SocketLimits;
}

const WINDOW_MS = 10_000;
const BIND_WITH_TOKEN = /^bind-with-token:? ?([A-Za-z0-9_-]{1,100})$/;
const BIND = /^bind:? ?([A-Za-z0-9\-.]{1,64})$/;

/** Serves a socket until it closes. */
export function serve(
  socket: WebSocket,
  connections: Connections,
  context: SocketContext & { readonly logger: Logger; readonly pool: Pool },
): void {
  const { bindings, limits } = connections;
  const mine = (): Binding[] => [...bindings].filter((b) => b.socket === socket);
  const idle = setTimeout(() => {
    if (mine().length === 0) socket.close(POLICY_VIOLATION, 'nothing was bound');
  }, limits.bindMs);
  let messages = 0;
  const window = setInterval(() => (messages = 0), WINDOW_MS);
  // One after the other: a second token waits for the first.
  let work = Promise.resolve();
  socket.on('message', (data: RawData, isBinary: boolean) => {
    messages += 1;
    if (messages > limits.messagesMax) return socket.close(POLICY_VIOLATION, 'too many messages');
    const text = isBinary ? '' : textOf(data);
    work = work
      .then(() => hear(text, socket, connections, context))
      .catch((error: unknown) => {
        end(socket, error, context.logger);
      });
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(idle);
    clearInterval(window);
    for (const binding of mine()) bindings.delete(binding);
  });
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8').trim();

/** The reason of Unbound is for the client, every other error for the log. */
export function end(socket: WebSocket, error: unknown, logger: Logger): void {
  if (error instanceof Unbound) return socket.close(error.code, error.message);
  logger.error({ err: error }, 'websocket closed by a fault');
  socket.close(1011, 'a fault of the server');
}

async function hear(
  text: string,
  socket: WebSocket,
  { bindings, limits }: Connections,
  context: SocketContext,
): Promise<void> {
  if (socket.readyState !== socket.OPEN) return;
  const simple = BIND.exec(text)?.[1];
  if (simple !== undefined) {
    const own = [...bindings].find((b) => b.socket === socket && b.subscriptionId === simple);
    // An id proves nothing: only what a token has bound can be told so.
    if (own === undefined) throw new Unbound('bind with a token of $get-ws-binding-token first');
    own.isSimple = true;
    return socket.send(`bound ${simple}`);
  }
  const token = BIND_WITH_TOKEN.exec(text)?.[1];
  const found = token === undefined ? undefined : await takeToken(context.pool, token);
  // The same words for a token of another's, an old one, and none.
  if (found === undefined) throw new Unbound('the token is unknown, used or expired');
  const others = [...bindings].filter((b) => isOf(b, found.rights));
  const sockets = new Set(others.map((b) => b.socket).filter((s) => s !== socket && s.readyState === s.OPEN));
  if (sockets.size >= limits.socketsMax) return socket.close(TRY_AGAIN, 'too many connections');
  for (const subscriptionId of found.subscriptionIds) {
    // What is bound after the close would stay for ever.
    if (socket.readyState !== socket.OPEN) return;
    const mine = [...bindings].filter((b) => b.socket === socket);
    if (mine.length >= limits.bindingsMax) throw new Unbound('too many Subscriptions on one connection');
    const before = mine.find((b) => b.subscriptionId === subscriptionId);
    if (before) bindings.delete(before);
    const binding: Binding = {
      socket,
      subscriptionId,
      rights: found.rights,
      sent: 0,
      sentAt: Date.now(),
      heartbeatMs: undefined,
      isSimple: false,
      isBusy: true,
    };
    // Counted before anything is waited for: tokens that come at once do not pass the limit together.
    bindings.add(binding);
    try {
      await shakeHands(context, binding);
    } catch (error) {
      bindings.delete(binding);
      throw error;
    }
    binding.isBusy = false;
  }
}

const isOf = ({ rights }: Binding, other: Binding['rights']): boolean =>
  rights.clientId === other.clientId && rights.userId === other.userId;
