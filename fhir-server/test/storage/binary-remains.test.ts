/** Content that no version has is removed, and no other; in a folder and in a bucket. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bucket, openBucket } from '../../src/bucket/index.ts';
import { createPool, type Pool, withTransaction } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRegistry } from '../../src/reindex/index.ts';
import {
  abandonContent,
  announceContent,
  attachContent,
  type BinaryStore,
  createResourceTables,
  findContent,
  findStrays,
  moveContent,
  openBinaries,
  startBinaryUpkeep,
  writtenDigest,
} from '../../src/storage/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FakeS3, startFakeS3, useCredentials } from '../support/fake-s3/server.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;

let database: TestDatabase;
let pool: Pool;
let dataDir: string;
let s3: FakeS3;
let bucket: Bucket;
let forget: () => void;

beforeAll(async () => {
  forget = useCredentials();
  database = await createDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-remains-'));
  s3 = await startFakeS3();
  const config = loadConfig({ DATABASE_URL: database.url, COOKIE_SECRET: 'x'.repeat(32), ...s3.settings });
  pool = createPool(config);
  bucket = await openBucket(config.content.bucket!);
  await createResourceTables(pool, createRegistry()).ensure(['Binary']);
}, 60_000);
afterAll(async () => {
  bucket.close();
  await s3.close();
  await pool.end();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
  forget();
});

const content = (text: string): Readable => Readable.from([Buffer.from(text)], { objectMode: false });
const text = async (store: BinaryStore, key: string): Promise<string | undefined> => {
  const stream = await store.open(key);
  return stream && (await buffer(stream)).toString();
};

/** Writes content as an api does; with a version, as one whose transaction was committed. */
async function write(store: BinaryStore, id: string, versionId?: number): Promise<string> {
  const announced = await announceContent(pool, id);
  const measure = await store.write(announced.key, content(id), 1_000);
  if (versionId !== undefined)
    await withTransaction(pool, (client) => attachContent(client, announced, versionId, measure));
  return announced.key;
}

const age = (keys: readonly string[]) =>
  pool.query("update fhir.binary_content set begun_at = now() - interval '2 hours' where key = any ($1)", [
    keys,
  ]);

describe.each(['folder', 'bucket'])('In a %s', (kind) => {
  let store: BinaryStore;
  let folder: string;

  beforeAll(() => {
    folder = join(dataDir, kind);
    store = openBinaries({ dataDir: folder }, kind === 'bucket' ? bucket : undefined);
  });

  /** One round of a worker. */
  async function tidy(): Promise<void> {
    const settings = { orphanMs: HOUR, cleanupMs: 10 };
    const upkeep = startBinaryUpkeep({ pool, store, settings, logger: createLogger('test', 'fatal') });
    const old = async () =>
      (
        await pool.query(
          "select from fhir.binary_content where version_id is null and begun_at < now() - interval '1 hour'",
        )
      ).rowCount;
    await until(async () => (await old()) === 0);
    await upkeep.stop();
  }

  test('what was left behind goes after its time, and what is being written or has a version stays.', async () => {
    const left = await Promise.all(Array.from({ length: 5 }, (_, i) => write(store, `left-${kind}-${i}`)));
    const fresh = await write(store, `fresh-${kind}`);
    const kept = await write(store, `kept-${kind}`, 1);
    await age([...left, kept]);
    await tidy();
    for (const key of left) expect(await store.size(key)).toBeUndefined();
    expect(await text(store, fresh)).toBe(`fresh-${kind}`);
    expect(await text(store, kept)).toBe(`kept-${kind}`);
  });

  test('content that was taken for left behind can get no version any more, so that none loses its own.', async () => {
    const slow = await announceContent(pool, `slow-${kind}`);
    const measure = await store.write(slow.key, content('slow'), 1_000);
    await age([slow.key]);
    await tidy();
    expect(await withTransaction(pool, (client) => attachContent(client, slow, 1, measure))).toBe(false);
  });

  test('a version that is being committed keeps its content from the worker.', async () => {
    const content2 = await announceContent(pool, `late-${kind}`);
    const measure = await store.write(content2.key, content('late'), 1_000);
    await age([content2.key]);
    await withTransaction(pool, async (client) => {
      expect(await attachContent(client, content2, 1, measure)).toBe(true);
      const settings = { orphanMs: HOUR, cleanupMs: 10 };
      const upkeep = startBinaryUpkeep({ pool, store, settings, logger: createLogger('test', 'fatal') });
      await upkeep.stop();
      expect(await store.size(content2.key)).toBe(4);
    });
    await tidy();
    expect(await text(store, content2.key)).toBe('late');
  });

  test('a write whose commit came through after all keeps its content though the writer heard of an error.', async () => {
    const key = await write(store, `sure-${kind}`, 3);
    await abandonContent({ pool, store }, { id: `sure-${kind}`, key });
    expect(await text(store, key)).toBe(`sure-${kind}`);
    const lost = await write(store, `lost-${kind}`);
    await abandonContent({ pool, store }, { id: `lost-${kind}`, key: lost });
    expect(await store.size(lost)).toBeUndefined();
  });

  test('unfinished writes end after their time, and those under way do not.', async () => {
    if (kind === 'bucket') {
      s3.objects.ageMs = 2 * HOUR;
      for (let i = 0; i < 5; i += 1) s3.objects.begin(`clinic/binary/u${i}`, {});
      s3.objects.ageMs = 0;
      s3.objects.begin('clinic/binary/under-way', {});
    } else {
      mkdirSync(join(folder, 'binary/bun'), { recursive: true });
      for (const name of ['bunder.part', 'bold.part']) writeFileSync(join(folder, 'binary/bun', name), 'x');
      utimesSync(join(folder, 'binary/bun/bold.part'), new Date(0), new Date(Date.now() - 2 * HOUR));
    }
    expect(await store.endWrites(new Date(Date.now() - HOUR))).toBe(kind === 'bucket' ? 5 : 1);
    const under = [...s3.objects.uploads.values()].map(({ key }) => key);
    if (kind === 'bucket') expect(under).toEqual(['clinic/binary/under-way']);
    else expect(readdirSync(join(folder, 'binary/bun'))).toEqual(['bunder.part']);
  });

  test('strays are what neither a row nor a version knows, and content of older servers is none.', async () => {
    await pool.query('truncate fhir."Binary", fhir."Binary_history", fhir.binary_content');
    for await (const { key } of store.list()) await store.remove(key);
    const version = (table: string, id: string, number: number) =>
      pool.query(
        `insert into fhir."${table}" (id, version_id, last_updated, deleted, content${table === 'Binary' ? ', keys' : ''})
         values ($1, $2, 0, false, '{}'${table === 'Binary' ? ", '{}'" : ''})`,
        [id, number],
      );
    await version('Binary', 'legacy', 2);
    await version('Binary_history', 'legacy', 1);
    const known = await write(store, 'known', 1);
    const keys = ['legacy-1', 'legacy-2', 'legacy-3', 'other-1', 'gone_0', 'gone_1'];
    for (const key of keys) await store.write(key, content(key), 1_000);
    const strays: string[] = [];
    for await (const key of findStrays({ pool, store }, -HOUR)) strays.push(key);
    expect(strays.toSorted()).toEqual(['gone_0', 'gone_1', 'legacy-3', 'other-1']);
    for await (const key of findStrays({ pool, store }, HOUR)) throw new Error(`${key} is too young`);
    expect(await findContent(pool, 'legacy', 2)).toEqual({ key: 'legacy-2' });
    expect((await findContent(pool, 'known', 1)).key).toBe(known);
  });
});

describe('A move from the folder into the bucket', () => {
  const move = async (folder: BinaryStore) => {
    const done: string[] = [];
    for await (const { key, state } of moveContent(folder, bucket, (one) => writtenDigest(pool, one)))
      done.push(`${key.split('_')[0]} ${state}`);
    return done.toSorted();
  };

  test('leaves nothing behind, can be run again, and is read by servers all the while.', async () => {
    const where = { dataDir: join(dataDir, 'moved') };
    const folder = openBinaries(where, undefined);
    const both = openBinaries(where, bucket);
    const keys = [await write(folder, 'm1', 1), await write(folder, 'm2', 1)];
    expect(await text(both, keys[0]!)).toBe('m1');
    // As if a first run had been killed before it removed the file.
    await bucket.put(`binary/${keys[1]}`, content('m2'));
    expect(await move(folder)).toEqual(['m1 moved', 'm2 there']);
    expect(await folder.size(keys[0]!)).toBeUndefined();
    for (const [i, key] of keys.entries()) expect(await text(both, key)).toBe(`m${i + 1}`);
    expect(await move(folder)).toEqual([]);
  });

  test('replaces what is half there, and leaves what is damaged in the folder.', async () => {
    const where = { dataDir: join(dataDir, 'damaged') };
    const folder = openBinaries(where, undefined);
    const good = await write(folder, 'good', 1);
    const bad = await write(folder, 'bad', 1);
    await bucket.put(`binary/${good}`, content('go'));
    writeFileSync(join(where.dataDir, 'binary/bba', `b${bad}`), 'bax');
    expect(await move(folder)).toEqual(['bad damaged', 'good moved']);
    expect(await folder.size(bad)).toBe(3);
    expect(await text(openBinaries(where, bucket), good)).toBe('good');
  });

  test('ends with an error where the bucket gives back something else, and the folder keeps it.', async () => {
    const where = { dataDir: join(dataDir, 'other') };
    const folder = openBinaries(where, undefined);
    const key = await write(folder, 'x1', 1);
    s3.trouble = ({ method }) => (method === 'GET' ? { flipBit: true } : undefined);
    await expect(move(folder)).rejects.toThrow('not what was written');
    s3.trouble = () => undefined;
    expect(await folder.size(key)).toBe(2);
    // What was sent was right.
    expect(await move(folder)).toEqual(['x1 there']);
  });
});
