/** Content of Binaries over HTTP, wherever it is stored. https://hl7.org/fhir/R4/binary.html#rest */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Binary, OperationOutcome } from '@medplum/fhirtypes';
import { createPool, type Pool } from '../../src/db/index.ts';
import { bytesOf, noise, send } from '../support/binary.ts';
import { type FakeS3, startFakeS3, useCredentials } from '../support/fake-s3/server.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const LIMIT = 32 * 2 ** 20;

describe.each(['folder', 'bucket'])('In a %s', (kind) => {
  let server: TestServer;
  let s3: FakeS3 | undefined;
  let pool: Pool;
  let forget: () => void;

  beforeAll(async () => {
    forget = useCredentials();
    s3 = kind === 'bucket' ? await startFakeS3() : undefined;
    server = await startTestServer({
      BINARY_SIZE_MAX_BYTES: String(LIMIT),
      S3_ATTEMPTS_MAX: '2',
      ...s3?.settings,
    });
    pool = createPool({ databaseUrl: server.databaseUrl, databasePoolSize: 2, statementTimeoutMs: 10_000 });
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await server.close();
    await s3?.close();
    forget();
  });
  beforeEach(() => {
    if (s3) s3.trouble = () => undefined;
  });

  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    server.fhir('GET', `Binary/${path}`, { headers });
  const left = async (): Promise<number> =>
    (await pool.query('select from fhir.binary_content where version_id is null')).rowCount ?? 0;

  test('content is read as it was sent, in ranges, and with its digest.', async () => {
    const body = noise(100_000);
    const { id, status } = await send(server, body);
    expect(status).toBe(201);
    const whole = await get(id);
    expect((await bytesOf(whole)).equals(body)).toBe(true);
    const digest = await crypto.subtle.digest('SHA-256', body);
    expect(whole.headers.get('repr-digest')).toBe(`sha-256=:${Buffer.from(digest).toString('base64')}:`);
    const part = await get(id, { Range: 'bytes=-10' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 99990-99999/100000']);
    expect((await bytesOf(part)).equals(body.subarray(99_990))).toBe(true);
    const head = await server.fhir('HEAD', `Binary/${id}`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '100000']);
    const resource = (await (await get(id, { Accept: 'application/fhir+json' })).json()) as Binary;
    expect(Buffer.from(resource.data ?? '', 'base64').equals(body)).toBe(true);
  });

  test('each version keeps its own, and what has the old one is not overwritten.', async () => {
    const [one, two] = [noise(1_000, 1), noise(2_000, 2)];
    const { id } = await send(server, one);
    const updated = await send(server, two, { id });
    expect([updated.status, updated.version]).toEqual([200, 'W/"2"']);
    expect((await bytesOf(await get(id))).equals(two)).toBe(true);
    expect((await bytesOf(await get(`${id}/_history/1`))).equals(one)).toBe(true);
    expect((await bytesOf(await get(`${id}/_history/2`))).equals(two)).toBe(true);
    const old = (await (await get(`${id}/_history/1`, { Accept: 'application/fhir+json' })).json()) as Binary;
    expect(Buffer.from(old.data ?? '', 'base64').equals(one)).toBe(true);
  });

  test('a PUT may make a Binary, keeps labels and for whom it is, and minds If-Match and If-None-Match.', async () => {
    const made = await send(server, noise(10), {
      id: `own-${kind}`,
      headers: { 'X-Security-Context': 'Patient/p9' },
    });
    expect(made.status).toBe(201);
    const tag = { meta: { tag: [{ system: 'urn:x', code: 'a' }] } };
    const change = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: tag.meta }] };
    expect((await server.fhir('POST', `Binary/${made.id}/$meta-add`, { body: change })).status).toBe(200);
    expect((await send(server, noise(20), { id: made.id, headers: { 'If-Match': 'W/"1"' } })).status).toBe(
      412,
    );
    expect((await send(server, noise(20), { id: made.id, headers: { 'If-None-Match': '*' } })).status).toBe(
      412,
    );
    expect((await send(server, noise(30), { id: made.id, headers: { 'If-Match': 'W/"2"' } })).status).toBe(
      200,
    );
    const resource = (await (await get(made.id, { Accept: 'application/fhir+json' })).json()) as Binary;
    expect(resource).toMatchObject({ ...tag, securityContext: { reference: 'Patient/p9' } });
    expect(await left()).toBe(0);
  });

  test('a change of meta keeps it; a resource with data, or a deletion, ends it.', async () => {
    const body = noise(500);
    const { id } = await send(server, body);
    const change = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'urn:x', code: 'b' }] } }],
    };
    await server.fhir('POST', `Binary/${id}/$meta-add`, { body: change });
    expect((await bytesOf(await get(id))).equals(body)).toBe(true);
    const put = (more: object) =>
      server.fhir('PUT', `Binary/${id}`, {
        body: { resourceType: 'Binary', id, contentType: 'text/plain', ...more },
      });
    await put({ data: 'YWJj' });
    expect(await (await get(id)).text()).toBe('abc');
    await put({});
    expect((await get(id)).status).toBe(404);
    const other = (await send(server, body)).id;
    await server.fhir('DELETE', `Binary/${other}`);
    expect((await get(other)).status).toBe(410);
    expect((await bytesOf(await get(`${other}/_history/1`))).equals(body)).toBe(true);
  });

  test('20 MB are streamed both ways.', async () => {
    const body = noise(20 * 2 ** 20);
    const { id } = await send(server, body);
    expect((await bytesOf(await get(id))).equals(body)).toBe(true);
    const part = await get(id, { Range: `bytes=${6 * 2 ** 20}-${6 * 2 ** 20 + 9}` });
    expect((await bytesOf(part)).equals(body.subarray(6 * 2 ** 20, 6 * 2 ** 20 + 10))).toBe(true);
  });

  test('what is too large is refused with words, and leaves nothing.', async () => {
    const before = s3?.objects.all.size;
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if ((sent += 2 ** 20) > LIMIT + 2 ** 21) controller.close();
        else controller.enqueue(noise(2 ** 20));
      },
    });
    const response = await fetch(`${server.fhirBase}/Binary`, {
      method: 'POST',
      headers: {
        'Content-Type': 'audio/wav',
        Authorization: `Bearer ${await server.token('system/*.cruds')}`,
      },
      body,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    const { issue } = (await response.json()) as OperationOutcome;
    expect(issue[0]?.diagnostics).toContain(String(LIMIT));
    expect([s3?.objects.all.size, s3?.objects.uploads.size ?? 0, await left()]).toEqual([before, 0, 0]);
  });

  test('two PUTs of one Binary at once end in two versions, or one is refused; neither has the content of the other.', async () => {
    const { id } = await send(server, noise(10));
    const sent = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => ({ seed, ...(await send(server, noise(50_000, seed), { id })) })),
    );
    const done = sent.filter(({ status }) => status === 200);
    expect(sent.every(({ status }) => [200, 409, 412].includes(status))).toBe(true);
    expect(done.length).toBeGreaterThanOrEqual(1);
    for (const { seed, version } of done) {
      const number = /\d+/.exec(version ?? '')?.[0] ?? '';
      expect((await bytesOf(await get(`${id}/_history/${number}`))).equals(noise(50_000, seed))).toBe(true);
    }
    expect(await left()).toBe(0);
  });

  test('a reader without the right gets neither content nor its versions.', async () => {
    const { id } = await send(server, noise(10));
    const token = await server.token('system/Patient.rs');
    for (const path of [`Binary/${id}`, `Binary/${id}/_history/1`])
      expect((await server.fhir('GET', path, { token })).status).toBe(403);
    expect(
      (
        await server.fhir('PUT', `Binary/${id}`, {
          token,
          body: noise(5),
          headers: { 'Content-Type': 'a/b' },
        })
      ).status,
    ).toBe(403);
    expect(await left()).toBe(0);
  });
});
