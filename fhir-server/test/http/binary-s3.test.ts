/** Content of Binaries in S3, over HTTP: what clients see when the store fails, and links to it. */
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from '@medplum/fhirtypes';
import { createPool, type Pool } from '../../src/db/index.ts';
import { startTestSealer } from '../support/audit.ts';
import { bytesOf, noise, send } from '../support/binary.ts';
import { type FakeS3, startFakeS3, useCredentials } from '../support/fake-s3/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let redirecting: TestServer;
let s3: FakeS3;
let pool: Pool;
let token: string;
let forget: () => void;

const MEBIBYTE = 2 ** 20;

beforeAll(async () => {
  forget = useCredentials();
  s3 = await startFakeS3();
  const settings = { ...s3.settings, S3_ATTEMPTS_MAX: '2', S3_TIMEOUT_MS: '5000' };
  server = await startTestServer(settings);
  redirecting = await startTestServer({ ...settings, S3_REDIRECT_SECONDS: '60' });
  pool = createPool({ databaseUrl: server.databaseUrl, databasePoolSize: 2, statementTimeoutMs: 10_000 });
  token = await server.token('system/*.cruds');
}, 60_000);
afterAll(async () => {
  await pool.end();
  await server.close();
  await redirecting.close();
  await s3.close();
  forget();
});
beforeEach(() => {
  s3.trouble = () => undefined;
});

const get = (id: string, headers: Readonly<Record<string, string>> = {}) =>
  server.fhir('GET', `Binary/${id}`, { headers });
const post = () =>
  server.fhir('POST', 'Binary', { body: noise(100), headers: { 'Content-Type': 'audio/wav' } });
const left = async (): Promise<number> =>
  (await pool.query('select from fhir.binary_content where version_id is null')).rowCount ?? 0;
const issueOf = async (response: Response) => ((await response.json()) as OperationOutcome).issue[0];

describe('A store', () => {
  test('that has too much to do makes a write and a read transient failures, and nothing is left.', async () => {
    const { id } = await send(server, noise(100));
    s3.trouble = () => ({ error: [503, 'SlowDown'] });
    for (const response of [await post(), await get(id)]) {
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await issueOf(response)).toMatchObject({ code: 'transient' });
    }
    // What could not be removed waits for a worker.
    s3.trouble = () => undefined;
    expect((await get(id)).status).toBe(200);
  });

  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
  ])(
    'that refuses with %i %s is an error of ours, whose words say nothing of the bucket.',
    async (status, code) => {
      const { id } = await send(server, noise(100));
      s3.trouble = () => ({ error: [status, code] });
      for (const response of [await post(), await get(id)]) {
        expect(response.status).toBe(500);
        const text = await response.text();
        expect(text).toContain('The store of content refuses this server');
        expect(text).not.toMatch(/content-of-tests|AccessDenied|NoSuchBucket/);
      }
    },
  );

  test('that has lost content says so.', async () => {
    const { id } = await send(server, noise(100));
    const key = [...s3.objects.all.keys()].find((name) => name.includes(id))!;
    s3.objects.all.delete(key);
    const response = await get(id);
    expect([response.status, (await issueOf(response))?.diagnostics]).toEqual([
      500,
      `The content of Binary/${id} is not where it was stored`,
    ]);
  });
});

describe('A download', () => {
  test('goes on where the connection to the store broke.', async () => {
    const body = noise(400_000);
    const { id } = await send(server, body);
    let breaks = 2;
    s3.trouble = ({ method }) => (method === 'GET' && breaks-- > 0 ? { cutAfter: 100_000 } : undefined);
    expect((await bytesOf(await get(id))).equals(body)).toBe(true);
  });

  test('of content that has changed in the store never ends well.', async () => {
    const { id } = await send(server, noise(200_000));
    s3.trouble = ({ method }) => (method === 'GET' ? { flipBit: true } : undefined);
    await expect(get(id).then(bytesOf)).rejects.toThrow();
  });
});

describe('An upload', () => {
  test('waits for the store: no more than some parts are in memory while it takes its time.', async () => {
    let release = (): void => undefined;
    const hold = new Promise<void>((resolve) => (release = resolve));
    let parts = 0;
    s3.trouble = ({ query }) => {
      if (!query.has('partNumber')) return undefined;
      parts += 1;
      return { hold };
    };
    const total = 64 * MEBIBYTE;
    let sent = 0;
    const upload = httpRequest(`${server.fhirBase}/Binary`, {
      method: 'POST',
      headers: { 'Content-Type': 'audio/wav', 'Content-Length': total, Authorization: `Bearer ${token}` },
    });
    const answered = new Promise<number>((resolve, reject) => {
      upload.on('response', (response) => resolve(response.resume().statusCode ?? 0));
      upload.on('error', reject);
    });
    const chunk = Buffer.alloc(MEBIBYTE, 7);
    const pump = (): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!upload.write(chunk)) {
          upload.once('drain', pump);
          return;
        }
      }
      upload.end();
    };
    pump();
    await until(() => parts === 1);
    // Time enough to send all of it, if the server took it.
    await sleep(1_000);
    expect([parts, sent < 30 * MEBIBYTE]).toEqual([1, true]);
    release();
    expect(await answered).toBe(201);
    expect(sent).toBe(total);
    expect([...s3.objects.all.values()].some(({ data }) => data.length === total)).toBe(true);
    s3.objects.all.clear();
  });

  test('whose client goes away leaves neither parts nor a Binary.', async () => {
    const before = (await pool.query('select from fhir."Binary"')).rowCount;
    const remains = await left();
    const upload = httpRequest(`${server.fhirBase}/Binary`, {
      method: 'POST',
      headers: {
        'Content-Type': 'audio/wav',
        'Content-Length': 20 * MEBIBYTE,
        Authorization: `Bearer ${token}`,
      },
    });
    upload.on('error', () => undefined);
    upload.write(Buffer.alloc(8 * MEBIBYTE, 1));
    await until(() => s3.objects.uploads.size === 1);
    upload.destroy();
    await until(async () => s3.objects.uploads.size === 0 && (await left()) === remains);
    expect((await pool.query('select from fhir."Binary"')).rowCount).toBe(before);
  });
});

describe('A redirect', () => {
  const read = (id: string, options = {}) =>
    fetch(`${redirecting.fhirBase}/Binary/${id}`, { redirect: 'manual', ...options });

  test('is off unless the settings ask for it.', async () => {
    const { id } = await send(server, noise(100));
    expect((await get(id)).status).toBe(200);
  });

  test('leads whoever may read to the store, for a while, and nobody else.', async () => {
    const body = noise(1_000);
    const { id } = await send(redirecting, body);
    const right = { headers: { Authorization: `Bearer ${await redirecting.token('system/Binary.r')}` } };
    const answer = await read(id, right);
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('etag')]).toEqual([
      307,
      'no-store',
      null,
    ]);
    const link = new URL(answer.headers.get('location') ?? '');
    expect(link.origin).toBe(s3.endpoint);
    expect(link.searchParams.get('X-Amz-Expires')).toBe('60');
    const content = await fetch(link);
    expect((await bytesOf(content)).equals(body)).toBe(true);
    expect([content.headers.get('content-type'), content.headers.get('content-disposition')]).toEqual([
      'audio/wav',
      'attachment',
    ]);
    expect((await read(id)).status).toBe(401);
    const wrong = { headers: { Authorization: `Bearer ${await redirecting.token('system/Patient.r')}` } };
    expect((await read(id, wrong)).status).toBe(403);
  });

  test('is recorded as any read is, and is not for content in the resource itself.', async () => {
    const { id } = await send(redirecting, noise(100));
    const headers = { Authorization: `Bearer ${await redirecting.token('system/*.cruds')}` };
    expect((await read(id, { headers })).status).toBe(307);
    const found = async (): Promise<number> => {
      const audits = await redirecting.fhir('GET', `AuditEvent?entity=Binary/${id}&action=R&_summary=count`);
      return ((await audits.json()) as { total?: number }).total ?? 0;
    };
    const sealer = startTestSealer(redirecting);
    await until(async () => (await found()) > 0).finally(() => sealer.stop());
    const inline = await redirecting.fhir('POST', 'Binary', {
      body: { resourceType: 'Binary', contentType: 'text/plain', data: 'YWJj' },
    });
    const { id: other } = (await inline.json()) as { id: string };
    expect((await read(other, { headers })).status).toBe(200);
  });
});
