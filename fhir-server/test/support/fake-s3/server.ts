/** A store of objects that speaks as S3 does, over HTTP: it checks signatures and checksums, and fails as it is told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOf, type Answer, errorAnswer } from './answers.ts';
import { Objects } from './objects.ts';
import { ACCESS_KEY, SECRET_KEY, signatureFault } from './signature.ts';

export const BUCKET = 'content-of-tests';

/** One request to the store. */
export interface Asked {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What happens instead of an answer. `cutAfter`: the connection ends after so many bytes of the body. */
export type Trouble =
  | { readonly error: readonly [status: number, code: string] }
  | { readonly reset: true }
  | { readonly silent: true }
  /** The answer comes when the promise is kept. */
  | { readonly hold: Promise<void> }
  | { readonly cutAfter: number }
  | { readonly flipBit: true };

export interface FakeS3 {
  readonly endpoint: string;
  readonly objects: Objects;
  readonly asked: Asked[];
  /** Decides request by request; undefined for an answer as ever. */
  trouble: (asked: Asked) => Trouble | undefined;
  /** What a server needs in its environment to use it. */
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Objects();
  const asked: Asked[] = [];
  const handle = async (http: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(http.url ?? '/', 'http://store');
    const chunks: Buffer[] = [];
    for await (const chunk of http as AsyncIterable<Buffer>) chunks.push(chunk);
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
    const one: Asked = {
      method: http.method ?? 'GET',
      key: decodeURIComponent(key),
      query: url.searchParams,
      headers: http.headers,
      body: Buffer.concat(chunks),
    };
    asked.push(one);
    const trouble = fake.trouble(one);
    if (trouble !== undefined && 'silent' in trouble) return;
    if (trouble !== undefined && 'hold' in trouble) await trouble.hold;
    if (trouble !== undefined && 'reset' in trouble) {
      http.socket.resetAndDestroy();
      return;
    }
    const fault = signatureFault({ method: one.method, url, headers: http.headers }, new Date());
    const answer =
      trouble !== undefined && 'error' in trouble
        ? errorAnswer(...trouble.error)
        : fault !== undefined
          ? errorAnswer(403, fault)
          : bucket === BUCKET
            ? answerOf(one, objects)
            : errorAnswer(404, 'NoSuchBucket');
    send(response, answer, one.method, trouble);
  };
  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const fake: FakeS3 = {
    endpoint,
    objects,
    asked,
    trouble: () => undefined,
    settings: { S3_BUCKET: BUCKET, S3_PREFIX: 'clinic', S3_ENDPOINT: endpoint, S3_REGION: 'eu-central-1' },
    close: () => end(http),
  };
  return fake;
}

/** As a process of its own is given them. */
export const credentials = (secretKey = SECRET_KEY): Readonly<Record<string, string>> => ({
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: secretKey,
});

/**
 * The chain of credentials begins with the environment: that of Node, which keeps the server's modules for all test files, and
 * not only the copy that a test file has. Returns what puts it back.
 */
export function useCredentials(secretKey = SECRET_KEY): () => void {
  const values = credentials(secretKey);
  const { loadOnce } = globalThis as { loadOnce?: (name: string) => NodeJS.Process };
  const environments = [process.env, ...(loadOnce === undefined ? [] : [loadOnce('node:process').env])];
  for (const env of environments) {
    Object.assign(env, values);
    Reflect.deleteProperty(env, 'AWS_SESSION_TOKEN');
  }
  return () => {
    for (const env of environments) for (const name of Object.keys(values)) Reflect.deleteProperty(env, name);
  };
}

function send(response: ServerResponse, answer: Answer, method: string, trouble: Trouble | undefined): void {
  const body = Buffer.from(answer.body ?? '');
  const damaged = trouble !== undefined && 'flipBit' in trouble && body.length > 0 && answer.status < 300;
  if (damaged) body[body.length >> 1]! ^= 1;
  const headers = { 'x-amz-request-id': 'fake', 'Content-Length': String(body.length), ...answer.headers };
  if (answer.status === 204 || answer.status === 304) Reflect.deleteProperty(headers, 'Content-Length');
  response.writeHead(answer.status, headers);
  if (method === 'HEAD') response.end();
  else if (trouble !== undefined && 'cutAfter' in trouble && trouble.cutAfter < body.length)
    response.write(body.subarray(0, trouble.cutAfter), () => response.destroy());
  else response.end(body);
}

async function end(http: Server): Promise<void> {
  const closed = new Promise((resolve) => http.close(resolve));
  http.closeAllConnections();
  await closed;
}
