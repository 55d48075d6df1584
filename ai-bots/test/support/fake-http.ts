/** A real HTTP server for tests, whose every answer the test decides: also none at all, or a broken connection. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Strings go as they are, everything else as JSON. */
  readonly body?: unknown;
}

/** `silent` never answers, `reset` cuts the connection, `torn` cuts it in the middle of an answer. */
export type Behaviour = Reply | 'silent' | 'reset' | 'torn';

export interface FakeHttp {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** How many callers hung up while they waited. */
  hungUp(): number;
  close(): Promise<void>;
}

export async function serve(behave: (asked: Asked) => Behaviour | Promise<Behaviour>): Promise<FakeHttp> {
  const asked: Asked[] = [];
  let hungUp = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', headers } = request;
      const one = {
        method,
        headers,
        url: new URL(request.url ?? '/', 'http://fake'),
        body: Buffer.concat(chunks),
      };
      asked.push(one);
      void Promise.resolve(behave(one)).then((behaviour) => answer(behaviour, response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    hungUp: () => hungUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(behaviour: Behaviour, response: ServerResponse): void {
  if (behaviour === 'silent') return;
  if (behaviour === 'reset') return void response.socket?.resetAndDestroy();
  if (behaviour === 'torn') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => response.socket?.destroy());
    return;
  }
  const { status, headers, body } = behaviour;
  const isText = typeof body === 'string';
  response.writeHead(status, { ...(isText ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(body === undefined ? '' : isText ? body : JSON.stringify(body));
}

/** The URL of a port on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const fake = await serve(() => 'silent');
  await fake.close();
  return fake.url;
}
