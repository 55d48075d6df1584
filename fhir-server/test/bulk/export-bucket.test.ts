/** Files of exports in a bucket: every api reaches what any worker has written. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bucket, openBucket } from '../../src/bucket/index.ts';
import { openExports } from '../../src/bulk/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { ask, BULK_SETTINGS, exported, startTestExporter } from '../support/bulk.ts';
import { type FakeS3, startFakeS3, useCredentials } from '../support/fake-s3/server.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let s3: FakeS3;
let bucket: Bucket;
let exporter: { stop(): Promise<void> };
let forget: () => void;

beforeAll(async () => {
  forget = useCredentials();
  s3 = await startFakeS3();
  const settings = { ...BULK_SETTINGS, ...s3.settings, BULK_BATCH_SIZE: '10', BULK_FILE_ROWS_MAX: '20' };
  server = await startTestServer(settings);
  const config = loadConfig({
    DATABASE_URL: 'postgresql://unused',
    COOKIE_SECRET: 'x'.repeat(32),
    ...settings,
  });
  bucket = await openBucket(config.content.bucket!);
  exporter = startTestExporter({ ...server, dataDir: '/nowhere' }, settings, bucket);
  await searcher(server).store(
    ...Array.from({ length: 50 }, (_, i) => ({ resourceType: 'Patient' as const, id: `p${i}` })),
  );
}, 60_000);
afterAll(async () => {
  await exporter.stop();
  bucket.close();
  await server.close();
  await s3.close();
  forget();
});

test('An export goes through the bucket alone, and its deletion empties it.', async () => {
  const { manifest, names, status } = await exported(server, '$export?_type=Patient');
  expect(manifest.output.map(({ count }) => count)).toEqual([20, 20, 10]);
  expect(names).toHaveLength(50);
  expect([...s3.objects.all.keys()].every((key) => key.startsWith('clinic/bulk/'))).toBe(true);
  expect(s3.objects.all.size).toBe(3);
  expect((await ask(server, status, { method: 'DELETE' })).status).toBe(202);
  expect([s3.objects.all.size, s3.objects.uploads.size]).toEqual([0, 0]);
});

test('A file that is given up leaves nothing, and one that the store refuses is an error.', async () => {
  const folder = openExports({ dataDir: '/nowhere' }, bucket);
  const given = await folder.create('job', 'up');
  await given.append('x'.repeat(6 * 2 ** 20));
  await given.discard();
  expect([s3.objects.all.size, s3.objects.uploads.size]).toEqual([0, 0]);
  s3.trouble = () => ({ error: [403, 'AccessDenied'] });
  const refused = await folder.create('job', 'refused');
  await refused.append('line\n');
  await expect(refused.finish()).rejects.toMatchObject({ reason: 'AccessDenied' });
  s3.trouble = () => undefined;
  const good = await folder.create('job', 'good');
  for (let i = 0; i < 7; i += 1) await good.append('y'.repeat(2 ** 20));
  await good.finish();
  expect([good.bytes, await folder.size('job', 'good'), await folder.list()]).toEqual([
    7 * 2 ** 20,
    7 * 2 ** 20,
    ['job'],
  ]);
  await folder.remove('job');
  expect(await folder.list()).toEqual([]);
});
