/** A client of the websockets of Subscriptions, which keeps what it is told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Notification, notificationOf } from './topic.ts';

export interface TestSocket {
  readonly socket: WebSocket;
  readonly told: string[];
  /** Code and reason, once it is closed. */
  closed(): Promise<readonly [code: number, reason: string]>;
  /** Resolves when it was told so much. */
  hears(count: number): Promise<readonly string[]>;
  /** The notifications of what it was told, the handshake first. */
  notifications(count: number): Promise<readonly Notification[]>;
}

/** Rejects when the server refuses the upgrade. */
export async function connect(origin: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/ws/subscriptions`, { headers });
  const told: string[] = [];
  socket.on('message', (data: Buffer) => told.push(data.toString('utf8')));
  const ended = new Promise<readonly [number, string]>((resolve) =>
    socket.on('close', (code, reason) => resolve([code, reason.toString('utf8')])),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const hears = async (count: number): Promise<readonly string[]> => {
    for (let i = 0; i < 500 && told.length < count; i += 1) await sleep(20);
    if (told.length < count) throw new Error(`told ${told.length} of ${count}: ${told.join('\n')}`);
    return told;
  };
  return {
    socket,
    told,
    closed: () => ended,
    hears,
    notifications: async (count) => (await hears(count)).map(notificationOf),
  };
}
