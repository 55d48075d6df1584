/** Slow, greedy and malformed clients are cut off while the others go on, and every answer carries the headers that protect browsers. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { securityHeaders } from '../../src/http/security-headers.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const sockets: Socket[] = [];

beforeAll(async () => {
  server = await startTestServer({
    HEADERS_TIMEOUT_MS: '600',
    REQUEST_TIMEOUT_MS: '1000',
    HEADERS_MAX: '40',
    CONNECTIONS_PER_ADDRESS_MAX: '60',
  });
}, 30_000);

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

interface Wire {
  readonly socket: Socket;
  /** All that came, once the connection is closed. */
  readonly closed: Promise<string>;
}

async function open(): Promise<Wire> {
  const { port } = new URL(server.baseUrl);
  const socket = connect(Number(port), '127.0.0.1');
  sockets.push(socket);
  let told = '';
  socket.on('data', (piece) => (told += String(piece)));
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(told)));
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, closed };
}

/** A byte now and then, for as long as the server listens. */
async function dribble({ socket }: Wire, text: string): Promise<void> {
  for (const byte of text) {
    if (!socket.writable) return;
    socket.write(byte);
    await sleep(60);
  }
}

const outcomeIn = (told: string): OperationOutcome =>
  JSON.parse(told.slice(told.indexOf('\r\n\r\n') + 4)) as OperationOutcome;

describe('A client that dribbles', () => {
  test.each([
    ['its headers', 'GET /livez HTTP/1.1\r\nHost: x\r\n', 'X-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    [
      'its body',
      'POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n',
      'grant_type=client_credentials&scope=system/*.rs',
    ],
  ])('in %s is cut off with 408, and others are served meanwhile.', async (_what, start, slowly) => {
    const wires = await Promise.all(Array.from({ length: 20 }, open));
    const started = performance.now();
    const sending = wires.map((wire) => {
      wire.socket.write(start);
      return dribble(wire, slowly);
    });
    const waits: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const before = performance.now();
      expect((await server.fhir('GET', 'metadata')).status).toBe(200);
      waits.push(performance.now() - before);
    }
    expect(Math.max(...waits)).toBeLessThan(1_000);
    const told = await Promise.all(wires.map(({ closed }) => closed));
    expect(performance.now() - started).toBeLessThan(5_000);
    await Promise.all(sending);
    for (const answer of told) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(outcomeIn(answer).issue[0]?.code).toBe('timeout');
    }
  }); // prettier-ignore
});

describe('A request', () => {
  const headers = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-header-${i}`, 'x']));

  test('with more headers than HEADERS_MAX is 431 everywhere.', async () => {
    for (const path of ['/fhir/R4/metadata', '/oauth2/jwks', '/livez']) {
      const response = await fetch(server.baseUrl + path, { headers: headers(60) });
      expect([path, response.status]).toEqual([path, 431]);
      expect(((await response.json()) as OperationOutcome).issue[0]?.code).toBe('too-long');
      expect((await fetch(server.baseUrl + path, { headers: headers(20) })).status).toBe(200);
    }
  });

  test('with a URL or a header that is too long is 431.', async () => {
    const long = 'x'.repeat(17_000);
    for (const [path, more] of [[`/fhir/R4/Patient?name=${long}`, {}], ['/oauth2/jwks', { 'x-long': long }]] as const) {
      const response = await fetch(server.baseUrl + path, { headers: more });
      expect([response.status, ((await response.json()) as OperationOutcome).issue[0]?.code]).toEqual([431, 'too-long']);
    }
  }); // prettier-ignore

  test('to the authorization server has a small body, and an unpacked one is no larger.', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const large = `grant_type=client_credentials&x=${'x'.repeat(100_000)}`;
    for (const path of ['token', 'introspect', 'revoke', 'authorize']) {
      const response = await fetch(`${server.baseUrl}/oauth2/${path}`, { method: 'POST', headers: form, body: large, redirect: 'manual' }); // prettier-ignore
      expect([path, response.status >= 400 && response.status < 500]).toEqual([path, true]);
    }
    const packed = await fetch(`${server.baseUrl}/oauth2/token`, {
      method: 'POST',
      headers: { ...form, 'Content-Encoding': 'gzip' },
      body: gzipSync(`grant_type=client_credentials&x=${'x'.repeat(50_000_000)}`),
    });
    expect([400, 401]).toContain(packed.status);
    const interaction = await fetch(`${server.baseUrl}/oauth2/interaction/x`, {
      method: 'POST',
      headers: { ...form, 'Content-Encoding': 'gzip' },
      body: gzipSync(`step=login&username=${'x'.repeat(50_000_000)}`),
    });
    expect(interaction.status).toBe(413);
  });

  test('with JSON 10,000 levels deep is 400 at once (attack 27).', async () => {
    const body = `{"resourceType":"Patient","extension":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const started = performance.now();
    expect((await server.fhir('POST', 'Patient', { body })).status).toBe(400);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('that unpacks to more than BODY_SIZE_MAX_BYTES is 413, whatever its size on the wire (attack 27).', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(200_000);
    const response = await server.fhir('POST', 'Patient', {
      body: new Uint8Array(bomb),
      headers: { 'Content-Encoding': 'gzip' },
    });
    expect(response.status).toBe(413);
  });
});

test('Connections of one address above CONNECTIONS_PER_ADDRESS_MAX are closed, and room is made when others go.', async () => {
  const wires = await Promise.all(Array.from({ length: 80 }, open));
  let ended = 0;
  for (const { closed } of wires) void closed.then(() => (ended += 1));
  for (let tries = 0; tries < 100 && ended < 20; tries += 1) await sleep(50);
  expect(ended).toBeGreaterThanOrEqual(20);
  for (const { socket } of wires) socket.destroy();
  let told = '';
  for (let tries = 0; tries < 50 && told === ''; tries += 1) {
    await sleep(50);
    const again = await open();
    again.socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    told = await again.closed;
  }
  expect(told).toMatch(/^HTTP\/1\.1 200 /);
});

describe('An answer', () => {
  test.each([
    ['/fhir/R4/metadata', /default-src 'none'.*frame-ancestors 'none'/],
    ['/fhir/R4/Patient/none', /default-src 'none'.*frame-ancestors 'none'/],
    ['/fhir/R4/.well-known/smart-configuration', /frame-ancestors 'none'/],
    ['/oauth2/.well-known/openid-configuration', /frame-ancestors 'none'/],
    ['/oauth2/authorize?client_id=none', /default-src 'none'.*frame-ancestors 'none'/],
    ['/oauth2/interaction/none', /default-src 'none'.*frame-ancestors 'none'/],
    ['/apps/ehr/', /script-src 'self'.*frame-ancestors 'none'/],
    ['/nothing', /frame-ancestors 'none'/],
    ['/livez', /frame-ancestors 'none'/],
  ])('of %s is in no frame, is what its type says, and leaves no referrer (smart 27).', async (path, policy) => {
    const { headers } = await fetch(server.baseUrl + path);
    expect([headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('x-powered-by')]).toEqual(['nosniff', 'no-referrer', null]);
    expect(headers.get('content-security-policy')).toMatch(policy);
    expect(headers.get('strict-transport-security')).toBeNull();
  }); // prettier-ignore

  test('demands https for two years where clients come by https.', () => {
    const set: Record<string, string> = {};
    const response = { setHeader: (name: string, value: string) => (set[name] = value) };
    securityHeaders('https://fhir.example')(response as never, '/fhir/R4/metadata');
    expect(set['Strict-Transport-Security']).toMatch(/^max-age=63072000/);
  });
});
