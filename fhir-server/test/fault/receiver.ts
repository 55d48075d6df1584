/** Receives the notifications of a Subscription and keeps book of them, in the order of their arrival. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Resource } from '@medplum/fhirtypes';

const SECRET = 'a secret of the receiver that is long enough';

export interface Receiver {
  readonly subscription: { readonly endpoint: string; readonly secret: string };
  /** Name of a resource to the versions that came, as they came. */
  readonly arrivals: ReadonlyMap<string, readonly number[]>;
  readonly forged: () => number;
  close(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const arrivals = new Map<string, number[]>();
  let forged = 0;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
      if (request.headers['x-signature'] !== signature) forged += 1;
      const { resourceType, id, meta } = JSON.parse(body.toString()) as Resource;
      const name = `${resourceType}/${id ?? ''}`;
      const known = arrivals.get(name) ?? [];
      arrivals.set(name, [...known, Number(meta?.versionId)]);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    subscription: { endpoint: `http://127.0.0.1:${port}/`, secret: SECRET },
    arrivals,
    forged: () => forged,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
