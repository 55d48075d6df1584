/** Outgoing calls against real servers: redirects, names that change their address, sizes and times. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createEgress, EgressError, type Egress } from '../../src/egress/index.ts';

interface Site {
  readonly origin: string;
  readonly port: number;
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[];
}

const servers: Server[] = [];
const logged: string[] = [];
const logger = pino({ level: 'trace' }, { write: (line) => void logged.push(line) });
let paths: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {};
let home: Site;
let other: Site;

async function startSite(): Promise<Site> {
  const asked: Site['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization });
    const answer = paths[(request.url ?? '').split('?')[0] ?? ''];
    if (answer === undefined) response.end('here');
    else answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, port, asked };
}

const redirect =
  (location: string, status = 302) =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, { location }).end();

beforeAll(async () => {
  [home, other] = [await startSite(), await startSite()];
});

beforeEach(() => {
  for (const list of [logged, home.asked, other.asked]) list.length = 0;
  paths = {};
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function faultOf(call: Promise<unknown>): Promise<EgressError> {
  const error = await call.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof EgressError)) throw new Error(`no EgressError: ${String(error)}`);
  return error;
}

/** Trusts `home` alone: whatever it leads to is judged like any address on the Internet. */
const fromHome = (more: Partial<Parameters<typeof createEgress>[0]> = {}): Egress =>
  createEgress({ allowPrivate: false, allowedOrigins: [home.origin], logger, ...more });

/** Answers each question with the next address, the last one for good. */
function lookupOf(...addresses: string[][]): { lookup: LookupFunction; count: () => number } {
  let count = 0;
  const lookup: LookupFunction = (_hostname, _options, callback) => {
    const now = addresses[Math.min(count, addresses.length - 1)] ?? [];
    count += 1;
    callback(
      null,
      now.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { lookup, count: () => count };
}

describe('A redirect (attack 26)', () => {
  test('is not followed unless the caller says so.', async () => {
    paths['/start'] = redirect('/end');
    expect((await faultOf(fromHome().fetch(`${home.origin}/start`))).code).toBe('failed');
    expect(home.asked.map(({ path }) => path)).toEqual(['/start']);
    const seen = await fromHome().fetch(`${home.origin}/start`, { redirect: 'manual' });
    expect([seen.status, seen.headers.get('location')]).toEqual([302, '/end']);
  });

  test('that stays where it is allowed is followed.', async () => {
    paths['/start'] = redirect('/middle');
    paths['/middle'] = redirect(`${home.origin}/end?x=1`, 307);
    const response = await fromHome().fetch(`${home.origin}/start`, { redirect: 'follow' });
    expect([response.url, await response.text()]).toEqual([`${home.origin}/end?x=1`, 'here']);
  });

  test('to this machine, to metadata or to another scheme is refused at whatever hop it comes.', async () => {
    const targets = [
      `${other.origin}/secret`,
      `http://localhost:${other.port}/secret`,
      `http://[::ffff:127.0.0.1]:${other.port}/secret`,
      `http://2130706433:${other.port}/secret`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      'gopher://127.0.0.1:25/_x',
      'http://user:password@example.org/',
      'http://[nonsense/',
    ];
    for (const target of targets) {
      paths = { '/start': redirect('/middle'), '/middle': redirect(target) };
      const fault = await faultOf(fromHome().fetch(`${home.origin}/start`, { redirect: 'follow' }));
      expect([target, fault.code]).toEqual([target, 'failed']);
    }
    expect(other.asked).toEqual([]);
  });

  test('in a circle ends.', async () => {
    paths['/start'] = redirect('/start');
    const fault = await faultOf(fromHome().fetch(`${home.origin}/start`, { redirect: 'follow' }));
    expect(fault.detail).toContain('more than 5 times');
    expect(home.asked).toHaveLength(6);
  });

  test('to another origin does not take the credentials along, nor does it get them back on return.', async () => {
    paths['/start'] = redirect(`${other.origin}/away`);
    paths['/away'] = redirect(`${home.origin}/end`);
    const egress = fromHome({ allowedOrigins: [home.origin, other.origin] });
    await egress.fetch(`${home.origin}/start`, {
      redirect: 'follow',
      headers: { Authorization: 'Bearer x' },
    });
    expect([...home.asked, ...other.asked].map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/start', 'Bearer x'],
      ['/end', undefined],
      ['/away', undefined],
    ]);
  });

  test('of a POST is never followed: what it carries was for the first address.', async () => {
    paths['/start'] = redirect('/end', 307);
    const posted = fromHome().fetch(`${home.origin}/start`, {
      method: 'POST',
      body: 'x',
      redirect: 'follow',
    });
    expect((await faultOf(posted)).code).toBe('failed');
    expect(home.asked).toHaveLength(1);
  });
});

describe('A name (attack 26)', () => {
  test.each([[['127.0.0.1']], [['::1']], [['93.184.216.34', '127.0.0.1']], [['169.254.169.254']], [['::ffff:10.0.0.1']], [[]]])(
    'that has the addresses %j is not called.',
    async (addresses) => {
      const { lookup, count } = lookupOf(addresses);
      const egress = createEgress({ allowPrivate: false, logger, lookup });
      const fault = await faultOf(egress.fetch(`http://rebound.example:${other.port}/secret`));
      expect([fault.code, count(), other.asked]).toEqual(['failed', 1, []]);
    },
  ); // prettier-ignore

  test('is connected to at the address that was looked at, and looked at again for the next connection.', async () => {
    paths['/'] = (_request, response) => void response.writeHead(200, { connection: 'close' }).end('once');
    const { lookup, count } = lookupOf(['127.0.0.1'], ['169.254.169.254']);
    const egress = createEgress({ allowPrivate: true, logger, lookup });
    const url = `http://rebound.example:${other.port}/`;
    egress.check(url);
    const first = await egress.fetch(url);
    expect([await first.text(), count()]).toEqual(['once', 1]);
    const fault = await faultOf(egress.fetch(url));
    expect([fault.code, fault.detail, count()]).toEqual(['failed', 'resolves to 169.254.169.254', 2]);
  });

  test('to which an allowed origin redirects is looked at as well.', async () => {
    const { lookup } = lookupOf(['127.0.0.1']);
    paths['/start'] = redirect(`http://rebound.example:${other.port}/secret`);
    await faultOf(fromHome({ lookup }).fetch(`${home.origin}/start`, { redirect: 'follow' }));
    expect(other.asked).toEqual([]);
  });
});

describe('What is told of a failure (attack 26)', () => {
  test('is the same for a closed port, an unknown name, a private address and a slow answer, and tells no address.', async () => {
    const closed = await startSite();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    paths['/slow'] = () => undefined;
    paths['/large'] = (_request, response) => void response.end('x'.repeat(100));
    const unknown: LookupFunction = (_hostname, _options, callback) =>
      callback(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), []);
    const open = createEgress({ allowPrivate: true, logger });
    const faults = await Promise.all([
      faultOf(open.fetch(closed.origin)),
      faultOf(createEgress({ allowPrivate: false, logger, lookup: unknown }).fetch('http://x.example/')),
      faultOf(createEgress({ allowPrivate: false, logger, ...lookupOf(['10.0.0.1']) }).fetch('http://x.example/')),
      faultOf(open.fetch(`${home.origin}/slow?token=secret`, { timeoutMs: 100 })),
      faultOf(open.fetch(`${home.origin}/large`, { bytesMax: 10 }).then((r) => r.text())),
    ]); // prettier-ignore
    expect(new Set(faults.map(({ message }) => message)).size).toBe(1);
    expect(faults[0]?.message).not.toMatch(/\d|port|resolve|refused|private/i);
    expect(faults.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('ECONNREFUSED'),
      'ENOTFOUND',
      'resolves to 10.0.0.1',
      expect.stringContaining('timeout'),
      'more than 10 bytes',
    ]);
    expect(logged.join('')).toContain('resolves to 10.0.0.1');
    expect(logged.join('')).not.toContain('token=secret');
  });
});

describe('An answer', () => {
  const egress = createEgress({ allowPrivate: true, logger });

  test('is cut off at the limit, whether it says its length or not, and unpacked (attack 27).', async () => {
    paths['/said'] = (_request, response) =>
      void response.writeHead(200, { 'content-length': 5_000 }).end('x'.repeat(5_000));
    paths['/unsaid'] = (_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
      response.on('close', () => clearInterval(timer));
    };
    paths['/bomb'] = (_request, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(10_000_000)));
    for (const path of ['/said', '/unsaid', '/bomb']) {
      const read = egress.fetch(home.origin + path, { bytesMax: 4_000 }).then((r) => r.text());
      expect([path, (await faultOf(read)).code]).toEqual([path, 'too-large']);
    }
    const fits = await egress.fetch(`${home.origin}/said`, { bytesMax: 5_000 });
    expect((await fits.text()).length).toBe(5_000);
  });

  test('that dribbles is cut off when its time is over.', async () => {
    paths['/dribble'] = (_request, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    };
    const started = Date.now();
    const read = egress.fetch(`${home.origin}/dribble`, { timeoutMs: 200 }).then((r) => r.text());
    expect((await faultOf(read)).code).toBe('failed');
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test('is given up when the caller gives up.', async () => {
    paths['/slow'] = () => undefined;
    const fault = await faultOf(
      egress.fetch(`${home.origin}/slow`, { signal: AbortSignal.timeout(50), timeoutMs: 60_000 }),
    );
    expect(fault.code).toBe('failed');
  });

  test('is a Response as fetch gives it, and bodies and headers are sent.', async () => {
    paths['/echo'] = (request, response) => {
      response.writeHead(201, {
        'x-kind': request.headers['content-type'] ?? '',
        'x-method': request.method,
      });
      request.pipe(response);
    };
    const body = new URLSearchParams({ a: 'b c' });
    const response = await egress.fetch(new URL(`${home.origin}/echo`), { method: 'POST', body });
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get('x-method'), response.headers.get('x-kind')]).toEqual([
      201,
      'POST',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ]);
    expect(await response.text()).toBe('a=b+c');
    paths['/none'] = (_request, none) => void none.writeHead(204).end();
    expect((await egress.fetch(`${home.origin}/none`)).status).toBe(204);
  });
});
