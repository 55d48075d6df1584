/** The settings of stored content. */
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/platform/config.ts';

const load = (env: Readonly<Record<string, string>>) =>
  loadConfig({ DATABASE_URL: 'postgresql://unused', COOKIE_SECRET: 'x'.repeat(32), ...env }).content;

test('Without S3_BUCKET content lies in the folder.', () => {
  expect(load({}).bucket).toBeUndefined();
  expect(load({ S3_BUCKET: '' }).bucket).toBeUndefined();
});

test('Prefix and endpoint are as keys and URLs need them, and parts are large enough for the largest content.', () => {
  const { bucket } = load({
    S3_BUCKET: 'content',
    S3_PREFIX: 'a/b/',
    S3_ENDPOINT: 'https://store.example/',
    BINARY_SIZE_MAX_BYTES: String(2 ** 40),
  });
  expect(bucket).toMatchObject({ prefix: 'a/b/', endpoint: 'https://store.example', redirectSeconds: 0 });
  expect(bucket!.partBytes * 10_000).toBeGreaterThanOrEqual(2 ** 40);
});

describe('Refused are', () => {
  test.each([
    [{ S3_KMS_KEY_ID: 'k' }, 'S3_BUCKET is not set, while S3_KMS_KEY_ID is'],
    [
      { S3_PREFIX: 'p', S3_REDIRECT_SECONDS: '60' },
      'S3_BUCKET is not set, while S3_PREFIX and S3_REDIRECT_SECONDS are',
    ],
    [{ S3_BUCKET: 'No_Bucket' }, 'S3_BUCKET is not the name of a bucket'],
    [{ S3_BUCKET: 'content', S3_PREFIX: '/up/../x y' }, 'S3_PREFIX must be'],
    [{ S3_BUCKET: 'content', S3_ENDPOINT: 'store:9000' }, 'S3_ENDPOINT is not an http(s) URL'],
    [{ S3_BUCKET: 'content', S3_ENDPOINT: 'http://store:9000' }, 'S3_ENDPOINT is without TLS'],
    [{ S3_BUCKET: 'content', S3_REDIRECT_SECONDS: '99999' }, 'S3_REDIRECT_SECONDS must be'],
    [
      { BINARY_ORPHAN_HOURS: '1', REQUEST_TIMEOUT_MS: '7200000' },
      'BINARY_ORPHAN_HOURS must be at least twice',
    ],
  ])('%j', (env, fault) => {
    expect(() => load(env)).toThrow(fault);
  });
});

test('A store without TLS is allowed on the loopback, and where the operator says so.', () => {
  const plain = { S3_BUCKET: 'content', S3_ENDPOINT: 'http://store:9000' };
  expect(load({ ...plain, S3_PLAIN_HTTP: 'true' }).bucket?.endpoint).toBe('http://store:9000');
  expect(load({ ...plain, S3_ENDPOINT: 'http://127.0.0.1:9000' }).bucket).toBeDefined();
});
