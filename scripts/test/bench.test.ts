/** The bench's command line, and its load generator where a server breaks off. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startLoadGenerator } from '../bench/processes.ts';
import { pinnedNode, root } from '../pinned-node.ts';

const bench = (...args: string[]) =>
  spawnSync(pinnedNode(), [join(root, 'scripts/bench.ts'), ...args], { encoding: 'utf8' });

describe('The command line', () => {
  test('tells its options.', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const name of ['quick', 'million', 'only', 'connections', 'keep', 'profile', 'out'])
      expect(stdout).toContain(`--${name}`);
  });

  test.each([
    [['--fast'], `Unknown option '--fast'`],
    [['--connections', 'many'], '--connections must be a number above 0, not "many".'],
  ])('refuses %s.', (args, message) => {
    const { status, stderr } = bench(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('The load generator', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  test('counts connections that break as errors, and goes on.', async () => {
    server = createServer((request, response) => {
      if (request.url === '/broken') request.socket.destroy();
      else response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const load = startLoadGenerator();
    const result = await load.run({
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: undefined,
      connections: 2,
      requests: ['/a', '/broken', '/b', '/broken', '/c'].map((path) => ({ method: 'GET', path })),
      durationMs: 0,
      warmUpMs: 0,
      expected: [200],
    });
    await load.stop();
    expect(result).toMatchObject({ requests: 5, errors: 2 });
    expect(result.firstError).toContain('GET /broken: SocketError');
  });

  test('that ends while it works fails its job.', async () => {
    server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const load = startLoadGenerator();
    const running = load.run({
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token: undefined,
      connections: 1,
      requests: [{ method: 'GET', path: '/' }],
      durationMs: 0,
      warmUpMs: 0,
      expected: [200],
    });
    await Promise.all([expect(running).rejects.toThrow(), load.stop()]);
  });
});
