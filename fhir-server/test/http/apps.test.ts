/** The built apps as they are sent: compressed, kept where their names tell the content, and under a policy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const appsDir = mkdtempSync(join(tmpdir(), 'dr-assistant-apps-'));
const SCRIPT = 'export const answer = 42;\n'.repeat(2_000);

beforeAll(async () => {
  const assets = join(appsDir, 'notes', 'dist', 'assets');
  mkdirSync(assets, { recursive: true });
  writeFileSync(join(assets, 'index-abc.js'), SCRIPT);
  writeFileSync(join(appsDir, 'notes', 'dist', 'index.html'), '<!doctype html><title>Notes</title>');
  writeFileSync(join(appsDir, 'notes', 'dist', 'manifest.webmanifest'), '{}');
  server = await startTestServer({ APPS_DIR: appsDir });
}, 40_000);
afterAll(async () => {
  await server.close();
  rmSync(appsDir, { recursive: true, force: true });
});

const get = (path: string, encoding: string): Promise<Response> =>
  fetch(`${server.baseUrl}/apps/notes/${path}`, { headers: { 'Accept-Encoding': encoding } });

test.each(['br', 'gzip'])(
  'A script is sent compressed by %s, and may be kept for a year.',
  async (encoding) => {
    const response = await get('assets/index-abc.js', encoding);
    expect(response.headers.get('content-encoding')).toBe(encoding);
    expect(response.headers.get('vary')).toContain('Accept-Encoding');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await response.text()).toBe(SCRIPT);
  },
);

test('A page is asked for anew each time, and may run no scripts but its own.', async () => {
  const response = await get('', 'identity');
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(response.headers.get('cache-control')).toBe('public, max-age=0');
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
});

test('What makes an app installable has its type, and nothing outside of an app is sent.', async () => {
  const manifest = await get('manifest.webmanifest', 'identity');
  expect(manifest.headers.get('content-type')).toMatch(/^application\/manifest\+json/);
  for (const path of ['../../../package.json', '%2e%2e/%2e%2e/package.json', 'missing.js'])
    expect((await get(path, 'identity')).status).toBe(404);
});
