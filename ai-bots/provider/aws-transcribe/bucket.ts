/** The bucket through which recordings and transcripts are handed over: encrypted, and deleted as soon as they are not needed. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { clientConfig, type AwsConnection } from '../aws/connection.ts';

export interface BucketSettings {
  readonly name: string;
  /** Of a KMS key of the clinic's own; without one S3 encrypts with its own (AES256). */
  readonly kmsKeyArn?: string;
}

export interface Bucket {
  readonly name: string;
  readonly kmsKeyArn?: string;
  put(key: string, data: Buffer, contentType: string, signal: AbortSignal): Promise<void>;
  /** Taken to be there when S3 does not say. */
  has(key: string, signal: AbortSignal): Promise<boolean>;
  /** The parsed JSON; undefined when there is no such object. Throws SyntaxError when it is not JSON. */
  readJson(key: string, signal: AbortSignal): Promise<unknown>;
  /** Also when there is no such object. */
  remove(key: string, signal: AbortSignal): Promise<void>;
}

export function openBucket(connection: AwsConnection, { name, kmsKeyArn }: BucketSettings): Bucket {
  // An endpoint of one's own has no host name for each bucket.
  const client = new S3Client({
    ...clientConfig(connection),
    forcePathStyle: connection.endpoint !== undefined,
  });
  const encryption =
    kmsKeyArn === undefined
      ? ({ ServerSideEncryption: 'AES256' } as const)
      : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn } as const);
  return {
    name,
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    async put(Key, Body, ContentType, abortSignal) {
      const command = new PutObjectCommand({ Bucket: name, Key, Body, ContentType, ...encryption });
      await client.send(command, { abortSignal });
    },
    async has(Key, abortSignal) {
      try {
        await client.send(new HeadObjectCommand({ Bucket: name, Key }), { abortSignal });
        return true;
      } catch (error) {
        return (error as Error).name !== 'NotFound';
      }
    },
    async readJson(Key, abortSignal) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: name, Key }), { abortSignal });
        return JSON.parse((await Body?.transformToString()) ?? '') as unknown;
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    async remove(Key, abortSignal) {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key }), { abortSignal });
    },
  };
}

/** Key of an object in a bucket, from the forms of URI that the services use; undefined when it lies elsewhere. */
export function keyOf(uri: string, bucket: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { protocol, hostname, pathname } = new URL(uri);
  const path = decodeURIComponent(pathname).replace(/^\//, '');
  if (protocol === 's3:' || hostname.startsWith(`${bucket}.`))
    return hostname === bucket || hostname.startsWith(`${bucket}.`) ? path : undefined;
  return path.startsWith(`${bucket}/`) ? path.slice(bucket.length + 1) : undefined;
}
