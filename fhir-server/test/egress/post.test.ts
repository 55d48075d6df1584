/** POSTs of which only the status matters, against real servers: guarded as every outgoing call, and ended by time, size and caller. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createEgress, EgressError, type Egress } from '../../src/egress/index.ts';

let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
let sockets = new Set<unknown>();
let asked: { headers: IncomingMessage['headers']; body: string; url: string | undefined }[] = [];
const server = createServer((request, response) => {
  sockets.add(request.socket);
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    asked.push({ headers: request.headers, body, url: request.url });
    answer(request, response, body);
  });
});
let origin = '';
const logger = pino({ level: 'silent' });
const opened: Egress[] = [];
const egressOf = (more: Partial<Parameters<typeof createEgress>[0]> = {}): Egress => {
  const egress = createEgress({ allowPrivate: true, logger, ...more });
  opened.push(egress);
  return egress;
};
const init = (more: Partial<Parameters<Egress['post']>[1]> = {}) => ({
  headers: { 'x-event-id': '1' },
  body: 'text',
  signal: new AbortController().signal,
  timeoutMs: 5_000,
  bytesMax: 1_000,
  ...more,
});
const faultOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => undefined, (e: unknown) => e); // prettier-ignore

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  [sockets, asked] = [new Set(), []];
  answer = (_request, response) => void response.writeHead(202).end('taken');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(opened.map((egress) => egress.close()));
});

test('The status is answered, headers and body are sent, and the connection serves again.', async () => {
  const egress = egressOf();
  expect(await egress.post(`${origin}/hook?a=1`, init())).toBe(202);
  expect(await egress.post(`${origin}/hook`, init({ body: '' }))).toBe(202);
  expect(asked[0]).toMatchObject({ url: '/hook?a=1', body: 'text', headers: { 'x-event-id': '1' } });
  expect(asked[1]).toMatchObject({ body: '', headers: { 'content-length': '0' } });
  expect(sockets.size).toBe(1);
});

test('A redirect is answered and not followed.', async () => {
  answer = (_request, response) => void response.writeHead(307, { location: `${origin}/other` }).end();
  expect(await egressOf().post(`${origin}/hook`, init())).toBe(307);
  expect(asked).toHaveLength(1);
});

test('A private address is refused, also one that a name resolves to.', async () => {
  const lookup: LookupFunction = (_host, _options, callback) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const egress = egressOf({ allowPrivate: false, lookup });
  expect(await faultOf(egress.post(`${origin}/hook`, init()))).toMatchObject({ code: 'refused' });
  const named = `http://hooks.example.org:${new URL(origin).port}/hook`;
  expect(await faultOf(egress.post(named, init()))).toMatchObject({ code: 'failed' });
  expect(asked).toEqual([]);
});

test('No answer in time is a fault, and an answer that dribbles on counts by its status.', async () => {
  answer = () => undefined;
  const late = await faultOf(egressOf().post(`${origin}/hook`, init({ timeoutMs: 50 })));
  expect(late).toBeInstanceOf(EgressError);
  answer = (_request, response) => void response.writeHead(200).write('a');
  expect(await egressOf().post(`${origin}/hook`, init({ timeoutMs: 300 }))).toBe(200);
});

test('An answer that is too long is cut off.', async () => {
  let isCut = false;
  answer = (_request, response) => {
    response.on('close', () => (isCut = !response.writableFinished));
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  };
  expect(await egressOf().post(`${origin}/hook`, init())).toBe(200);
  for (let i = 0; i < 100 && !isCut; i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isCut).toBe(true);
});

test('What the caller gives up is ended, before it begins and while it waits for the answer.', async () => {
  const abort = new AbortController();
  answer = () => abort.abort(new Error('given up'));
  const egress = egressOf();
  expect(await faultOf(egress.post(`${origin}/hook`, init({ signal: abort.signal })))).toMatchObject({
    detail: 'given up',
  });
  expect(await faultOf(egress.post(`${origin}/hook`, init({ signal: abort.signal })))).toBeInstanceOf(
    EgressError,
  );
  expect(asked).toHaveLength(1);
});
