/** A small balancer of connections, as stands in front of several copies. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Balancer {
  readonly port: number;
  close(): void;
}

/** Gives new connections to the targets by turns, or to those alone that `isReady`. */
export async function balance(
  ports: readonly number[],
  isReady: (port: number) => boolean = () => true,
): Promise<Balancer> {
  let next = 0;
  const open = new Set<Socket>();
  const pick = (): number => {
    for (let tries = 0; tries < ports.length; tries += 1) {
      const port = ports[next++ % ports.length]!;
      if (isReady(port)) return port;
    }
    return ports[next++ % ports.length]!;
  };
  const server = createServer((from) => {
    const to = connect({ host: '127.0.0.1', port: pick() });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.pipe(other);
      // What has arrived is passed on first.
      one.on('error', () => other.destroy()).on('close', () => (open.delete(one), other.destroySoon()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
