/** `binary …` as an operator runs it, beside an api that goes on serving. */
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bytesOf, noise, send } from '../support/binary.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { credentials, type FakeS3, startFakeS3, useCredentials } from '../support/fake-s3/server.ts';
import { startSecondApi } from '../support/second-api.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let s3: FakeS3;
let cli: CommandLine;
let forget: () => void;

beforeAll(async () => {
  forget = useCredentials();
  s3 = await startFakeS3();
  server = await startTestServer();
  cli = commandLine({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: server.dataDir,
    BASE_URL: server.baseUrl,
    ...credentials(),
  });
}, 60_000);
afterAll(async () => {
  await server.close();
  await s3.close();
  forget();
});

/** Files of contents in the folder. */
const inFolder = (): string[] =>
  readdirSync(join(server.dataDir, 'binary'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('Without a bucket there is nowhere to move to, and nothing is touched.', async () => {
  await send(server, noise(10), { id: 'first' });
  const { code, told } = await cli.run(['binary', 'move-to-s3']);
  expect([code, told.trim()]).toEqual([1, 'S3_BUCKET is not set']);
  expect(inFolder()).toHaveLength(1);
});

test('A move tells what it did and ends with 1 where content is damaged; what was moved is read from the bucket.', async () => {
  const damaged = await send(server, noise(50), { id: 'damaged' });
  expect(damaged.status).toBe(201);
  writeFileSync(
    inFolder().find((file) => file.includes('damaged'))!,
    noise(50, 8),
  );
  const first = await cli.run(['binary', 'move-to-s3'], s3.settings);
  expect(first.code).toBe(1);
  expect(first.told).toMatch(/^damaged_\S+ is not what was written, and stays in the folder$/m);
  expect(first.told).toContain('Moved: 1. In the bucket already: 0. Damaged: 1.');
  expect(inFolder()).toHaveLength(1);
  expect((await server.fhir('DELETE', 'Binary/damaged')).status).toBe(204);
  const token = await server.token('system/*.cruds');
  const api = await startSecondApi(server, s3.settings);
  try {
    const answer = await api.get('Binary/first', token);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(await bytesOf(answer)).toEqual(Buffer.from(noise(10)));
  } finally {
    await api.close();
  }
});

test('Strays are named, one on a line, and gone when that is asked for; what versions have is neither.', async () => {
  await send(server, noise(20), { id: 'kept' });
  const kept = inFolder().find((file) => file.includes('kept'))!;
  const stray = join(kept, '..', 'bkeeper_9');
  writeFileSync(stray, 'x');
  const young = await cli.run(['binary', 'strays']);
  expect([young.code, young.told]).toEqual([0, 'Unknown to the database: 0.\n']);
  const long = new Date(Date.now() - 30 * 86_400_000);
  for (const file of [stray, kept]) utimesSync(file, long, long);
  expect((await cli.run(['binary', 'strays'])).told).toBe('keeper_9\nUnknown to the database: 1.\n');
  expect(inFolder()).toContain(stray);
  expect((await cli.run(['binary', 'strays', '--remove'])).told).toBe('keeper_9\nRemoved: 1.\n');
  expect(inFolder()).not.toContain(stray);
  expect(readFileSync(kept)).toEqual(Buffer.from(noise(20)));
});
