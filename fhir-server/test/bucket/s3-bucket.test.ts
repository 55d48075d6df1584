/** The bucket, against a store that speaks as S3 does and fails as it is told. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Bucket, BucketFault, openBucket } from '../../src/bucket/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import {
  type Asked,
  type FakeS3,
  startFakeS3,
  type Trouble,
  useCredentials,
} from '../support/fake-s3/server.ts';

let s3: FakeS3;
let bucket: Bucket;
let forget: () => void;

const open = (more: Readonly<Record<string, string>> = {}): Promise<Bucket> => {
  const { content } = loadConfig({
    DATABASE_URL: 'postgresql://unused',
    COOKIE_SECRET: 'x'.repeat(32),
    S3_TIMEOUT_MS: '2000',
    S3_ATTEMPTS_MAX: '3',
    ...s3.settings,
    ...more,
  });
  return openBucket(content.bucket!);
};

beforeAll(() => {
  forget = useCredentials();
});
afterAll(() => forget());
beforeEach(async () => {
  s3 = await startFakeS3();
  bucket = await open();
});
afterEach(async () => {
  bucket.close();
  await s3.close();
});

const bytes = (data: Buffer): Readable => Readable.from([data], { objectMode: false });
const read = async (key: string): Promise<Buffer> => buffer((await bucket.open(key))!);
const put = (key: string, data = Buffer.from(key)): Promise<void> => bucket.put(key, bytes(data));

/** The trouble for the first so many requests for which `isMeant` holds. */
const first = (count: number, isMeant: (asked: Asked) => boolean, trouble: Trouble) => {
  let left = count;
  return (asked: Asked) => (isMeant(asked) && left-- > 0 ? trouble : undefined);
};

async function gathered<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of found) all.push(one);
  return all;
}

const reasonOf = async (doing: Promise<unknown>): Promise<unknown> => {
  const error = await doing.then(() => undefined, (e: unknown) => e); // prettier-ignore
  if (error instanceof BucketFault) return [error.reason, error.isTransient];
  return error;
};

describe('What is put', () => {
  test('comes back byte by byte, whole and in ranges, under the prefix, with a SHA-256 that the store has checked.', async () => {
    const data = randomBytes(100_000);
    await put('a/b', data);
    expect([...s3.objects.all.keys()]).toEqual(['clinic/a/b']);
    expect(s3.asked[0]!.headers['x-amz-checksum-sha256']).toBeDefined();
    expect((await read('a/b')).equals(data)).toBe(true);
    expect(
      (await buffer((await bucket.open('a/b', { start: 10, end: 19 }))!)).equals(data.subarray(10, 20)),
    ).toBe(true);
    expect(await bucket.size('a/b')).toBe(100_000);
  });

  test('goes in parts where it is large, each with its checksum, and none larger than the first.', async () => {
    const data = randomBytes(12 * 2 ** 20);
    await put('large', data);
    const parts = s3.asked.filter(({ query }) => query.has('partNumber'));
    expect(parts.map(({ body }) => body.length)).toEqual([5 * 2 ** 20, 5 * 2 ** 20, 2 * 2 ** 20]);
    expect(parts.every(({ headers }) => headers['x-amz-checksum-sha256'] !== undefined)).toBe(true);
    expect((await read('large')).equals(data)).toBe(true);
  });

  test('is encrypted by the key of KMS that the settings name, also in parts.', async () => {
    bucket.close();
    bucket = await open({ S3_KMS_KEY_ID: 'alias/content' });
    await put('small');
    await put('large', randomBytes(6 * 2 ** 20));
    expect([...s3.objects.all.values()].map(({ headers }) => headers)).toEqual(
      ['small', 'large'].map(() => ({
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'alias/content',
      })),
    );
  });

  test('may be empty.', async () => {
    await put('empty', Buffer.alloc(0));
    expect(await bucket.size('empty')).toBe(0);
    expect(await read('empty')).toHaveLength(0);
  });

  test('leaves nothing where its source breaks, neither an object nor parts.', async () => {
    const source = Readable.from(
      (async function* () {
        yield randomBytes(7 * 2 ** 20);
        await Promise.resolve();
        throw new Error('gone');
      })(),
      { objectMode: false },
    );
    await expect(bucket.put('broken', source)).rejects.toThrow();
    expect([s3.objects.all.size, s3.objects.uploads.size]).toEqual([0, 0]);
    expect(s3.asked.some(({ method }) => method === 'DELETE')).toBe(true);
  });

  test('and is more than the process may upload at once is refused as transient.', async () => {
    bucket.close();
    bucket = await open({ S3_UPLOADS_MAX: '1' });
    const stalled = new Readable({ read: () => undefined });
    const running = bucket.put('slow', stalled);
    expect(await reasonOf(put('next'))).toEqual(['TooManyUploads', true]);
    stalled.push('x');
    stalled.push(null);
    await running;
    await put('next');
    expect(s3.objects.all.size).toBe(2);
  });
});

describe('What is not there', () => {
  test('has no size and no content, and is removed without complaint.', async () => {
    expect(await bucket.size('none')).toBeUndefined();
    expect(await bucket.open('none')).toBeUndefined();
    await bucket.remove('none');
  });
});

describe('Lists', () => {
  test('go through all pages, in order, and from a key on.', async () => {
    for (const i of [1, 2, 3, 4, 5, 6, 7]) await put(`list/${i}`);
    await put('other/1');
    const keys = async (after?: string) => (await gathered(bucket.list('list', after))).map(({ key }) => key);
    expect(await keys()).toEqual([1, 2, 3, 4, 5, 6, 7].map((i) => `list/${i}`));
    expect(await keys('list/5')).toEqual(['list/6', 'list/7']);
    expect(await gathered(bucket.folders('list'))).toEqual([]);
  });

  test('of folders name each once.', async () => {
    for (const i of [1, 2, 3, 4]) for (const name of ['a', 'b']) await put(`jobs/j${i}/${name}`);
    expect(await gathered(bucket.folders('jobs'))).toEqual(['j1', 'j2', 'j3', 'j4']);
  });

  test('of unfinished uploads end those that are older, and no others.', async () => {
    s3.objects.ageMs = 3_600_000;
    for (let i = 0; i < 5; i += 1) s3.objects.begin('clinic/binary/old', {});
    s3.objects.begin('clinic/elsewhere/old', {});
    s3.objects.ageMs = 0;
    s3.objects.begin('clinic/binary/new', {});
    expect(await bucket.endUploads('binary', new Date(Date.now() - 1_800_000))).toBe(5);
    expect([...s3.objects.uploads.values()].map(({ key }) => key)).toEqual([
      'clinic/elsewhere/old',
      'clinic/binary/new',
    ]);
  });
});

describe('A store', () => {
  test('that asks for less is asked again, and so is one that resets connections.', async () => {
    s3.trouble = first(2, ({ method }) => method === 'PUT', { error: [503, 'SlowDown'] });
    await put('throttled');
    s3.trouble = first(1, ({ method }) => method === 'PUT', { reset: true });
    await put('reset');
    expect(s3.objects.all.size).toBe(2);
  });

  test('that asks for less for too long is told of as transient, and so is one that says nothing.', async () => {
    s3.trouble = () => ({ error: [503, 'SlowDown'] });
    expect(await reasonOf(put('a'))).toEqual(['SlowDown', true]);
    bucket.close();
    bucket = await open({ S3_TIMEOUT_MS: '150', S3_ATTEMPTS_MAX: '1' });
    s3.trouble = () => ({ silent: true });
    expect(await reasonOf(bucket.open('a'))).toEqual([expect.any(String), true]);
  });

  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [400, 'KMS.DisabledException'],
  ])('that refuses with %i %s is told of as what does not pass by itself.', async (status, code) => {
    s3.trouble = () => ({ error: [status, code] });
    const doings = [
      () => put('a'),
      () => bucket.open('a'),
      () => gathered(bucket.list('a')),
      () => bucket.endUploads('a', new Date()),
    ];
    for (const doing of doings) expect(await reasonOf(doing())).toEqual([code, false]);
  });

  test('that does not know the key of the server refuses it.', async () => {
    useCredentials('wrong');
    bucket.close();
    bucket = await open();
    try {
      expect(await reasonOf(put('a'))).toEqual(['SignatureDoesNotMatch', false]);
    } finally {
      useCredentials();
    }
  });

  test('that stores another content than was sent would be found out by the checksum.', async () => {
    s3.trouble = ({ body }) => {
      if (body.length > 0) body[0]! ^= 1;
      return undefined;
    };
    expect(await reasonOf(put('a'))).toEqual([
      expect.stringMatching(/BadDigest|Mismatch/),
      expect.any(Boolean),
    ]);
    expect(s3.objects.all.size).toBe(0);
  });
});

describe('A download', () => {
  const data = randomBytes(300_000);
  const isRead = ({ method }: Asked): boolean => method === 'GET';

  test('whose connection breaks goes on where it was, also within a range.', async () => {
    await put('a', data);
    s3.trouble = first(2, isRead, { cutAfter: 100_000 });
    expect((await read('a')).equals(data)).toBe(true);
    s3.trouble = first(1, isRead, { cutAfter: 50_000 });
    const part = await buffer((await bucket.open('a', { start: 1_000, end: 199_999 }))!);
    expect(part.equals(data.subarray(1_000, 200_000))).toBe(true);
    expect(s3.asked.filter(({ headers }) => headers['if-match'] !== undefined).length).toBeGreaterThanOrEqual(
      2,
    );
  });

  test('that breaks again and again without a byte in between ends with an error, not short.', async () => {
    await put('a', data);
    let count = 0;
    s3.trouble = (asked) =>
      isRead(asked) ? (count++ === 0 ? { cutAfter: 1_000 } : { reset: true }) : undefined;
    expect(await reasonOf(read('a'))).toEqual([expect.any(String), true]);
  });

  test('of an object that was replaced meanwhile is not made of both.', async () => {
    await put('a', data);
    const started = (await bucket.open('a', { start: 0, end: 299_999 }))!;
    s3.trouble = first(1, isRead, { cutAfter: 50_000 });
    const broken = (await bucket.open('a'))!;
    await put('a', randomBytes(300_000));
    expect(await reasonOf(buffer(broken))).toEqual(['PreconditionFailed', false]);
    started.destroy();
  });
});

describe('A link', () => {
  test('lets anybody read for a while, as a download of the type that the server says.', async () => {
    await put('a', Buffer.from('text'));
    const link = await bucket.link('a', 60, 'text/plain');
    const answer = await fetch(link);
    expect([answer.status, await answer.text()]).toEqual([200, 'text']);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('content-disposition')).toBe('attachment');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const other = new URL(link);
    other.searchParams.set('response-content-type', 'text/html');
    expect((await fetch(other)).status).toBe(403);
    expect(new URL(link).searchParams.get('X-Amz-Expires')).toBe('60');
  });
});
