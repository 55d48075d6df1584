/**
 * Endpoints for notifications, in a process of its own: remembers when each came first, and answers `/slow/<ms>` only after that
 * time. Answers its parent's questions.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `take` answers which have come, and forgets them. */
export type ReceiverQuestion = 'port' | 'count' | 'take';

export interface ReceiverAnswer {
  readonly port: number;
  readonly count: number;
  /** When each came first, in milliseconds since the epoch. Only to `take`. */
  readonly events: readonly (readonly [eventId: string, atMs: number])[];
  readonly repeated: number;
}

let events = new Map<string, number>();
let repeated = 0;

const server = createServer((request, response) => {
  const eventId = String(request.headers['x-event-id']);
  request.resume();
  request.on('end', () => {
    if (events.has(eventId)) repeated += 1;
    else events.set(eventId, performance.timeOrigin + performance.now());
    const delayMs = Number(/^\/slow\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
    if (delayMs > 0) setTimeout(() => response.writeHead(204).end(), delayMs);
    else response.writeHead(204).end();
  });
});
// Longer than any pause of a measurement.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1');
const listening = once(server, 'listening');

async function answer(question: ReceiverQuestion): Promise<ReceiverAnswer> {
  await listening;
  const { port } = server.address() as AddressInfo;
  const told = { port, count: events.size, events: question === 'take' ? [...events] : [], repeated };
  if (question === 'take') {
    events = new Map();
    repeated = 0;
  }
  return told;
}

process.on('message', (question: ReceiverQuestion) => {
  void answer(question).then((told) => process.send?.(told));
});
process.on('disconnect', () => process.exit());
