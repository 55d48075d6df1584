/** A bucket of S3. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BucketConfig } from '../platform/content-config.ts';
import type { Bucket, FoundObject } from './bucket.ts';
import { BucketFault, bucketFault, isMissing } from './bucket-fault.ts';
import { readOn } from './read-on.ts';

const CONNECT_TIMEOUT_MS = 3_000;

export function createS3Bucket(config: BucketConfig): Bucket {
  const client = new S3Client(clientConfig(config));
  const at = (key: string) => ({ Bucket: config.name, Key: `${config.prefix}${key}` });
  const listing = createListing(client, config);
  return {
    put: createPut(client, config),
    async open(key, range) {
      const get = (start?: number, end?: number, tag?: string) =>
        client.send(
          new GetObjectCommand({
            ...at(key),
            ...(start === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` }),
            ...(tag === undefined ? {} : { IfMatch: tag }),
          }),
        );
      const found = await orMissing(get(range?.start, range?.end));
      if (found === undefined) return undefined;
      const first = range?.start ?? 0;
      const length = found.ContentLength ?? 0;
      const resume = async (offset: number): Promise<Readable> =>
        (await get(first + offset, first + length - 1, found.ETag)).Body as Readable;
      return readOn({ body: found.Body as Readable, length, resume }, config.attemptsMax);
    },
    async size(key) {
      return (await orMissing(client.send(new HeadObjectCommand(at(key)))))?.ContentLength;
    },
    async remove(key) {
      await orFault(client.send(new DeleteObjectCommand(at(key))));
    },
    ...listing,
    link: (key, seconds, contentType) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          ...at(key),
          ResponseContentType: contentType,
          ResponseContentDisposition: 'attachment',
          ResponseCacheControl: 'no-store',
        }),
        { expiresIn: seconds },
      ),
    close: () => client.destroy(),
  };
}

const clientConfig = (config: BucketConfig): S3ClientConfig => ({
  // A server of one's own demands a region in the signature and looks at none.
  ...(config.region === undefined
    ? config.endpoint === undefined
      ? {}
      : { region: 'us-east-1' }
    : { region: config.region }),
  // An endpoint of one's own has no host name for each bucket.
  ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
  maxAttempts: config.attemptsMax,
  requestHandler: {
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: config.timeoutMs,
    socketTimeout: config.timeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: { maxSockets: config.connectionsMax, keepAlive: true },
    httpsAgent: { maxSockets: config.connectionsMax, keepAlive: true },
  },
});

/** One part of each upload is under way while the next is being filled: a slow client costs little, a fast one two parts. */
function createPut(client: S3Client, config: BucketConfig): Bucket['put'] {
  let running = 0;
  return async (key, source) => {
    if (running >= config.uploadsMax) throw new BucketFault('TooManyUploads', true);
    running += 1;
    try {
      await new Upload({
        client,
        partSize: config.partBytes,
        queueSize: 1,
        params: {
          Bucket: config.name,
          Key: `${config.prefix}${key}`,
          Body: source,
          // Users' content is served by the server or as a download, never as what it says it is.
          ContentType: 'application/octet-stream',
          ChecksumAlgorithm: 'SHA256',
          ...(config.kmsKeyId === undefined
            ? {}
            : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: config.kmsKeyId }),
        },
      }).done();
    } catch (error) {
      throw bucketFault(error);
    } finally {
      running -= 1;
    }
  };
}

function createListing(
  client: S3Client,
  { name, prefix }: BucketConfig,
): Pick<Bucket, 'list' | 'folders' | 'endUploads'> {
  const within = (folder: string) => ({ Bucket: name, Prefix: `${prefix}${folder}/` });
  return {
    async *list(folder, after) {
      const input = {
        ...within(folder),
        ...(after === undefined ? {} : { StartAfter: `${prefix}${after}` }),
      };
      for await (const page of pages(paginateListObjectsV2({ client }, input)))
        for (const { Key = '', Size = 0, LastModified = new Date() } of page.Contents ?? [])
          yield { key: Key.slice(prefix.length), size: Size, modifiedAt: LastModified } satisfies FoundObject;
    },
    async *folders(folder) {
      const input = { ...within(folder), Delimiter: '/' };
      for await (const page of pages(paginateListObjectsV2({ client }, input)))
        for (const { Prefix = '' } of page.CommonPrefixes ?? [])
          yield Prefix.slice(input.Prefix.length).replace(/\/$/, '');
    },
    async endUploads(folder, before) {
      let count = 0;
      let place: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
      for (;;) {
        const command = new ListMultipartUploadsCommand({ ...within(folder), ...place });
        const page = await orFault(client.send(command));
        const old = (page.Uploads ?? []).filter(({ Initiated }) => Initiated && Initiated < before);
        for (const { Key, UploadId } of old) await endUpload({ Bucket: name, Key, UploadId });
        count += old.length;
        if (page.IsTruncated !== true) return count;
        place = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
    },
  };

  /** Another worker may have done it. */
  async function endUpload(upload: {
    Bucket: string;
    Key: string | undefined;
    UploadId: string | undefined;
  }) {
    await client.send(new AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
      if ((error as Error).name !== 'NoSuchUpload') throw bucketFault(error);
    });
  }
}

async function* pages<T>(found: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* found;
  } catch (error) {
    throw bucketFault(error);
  }
}

const orFault = <T>(sent: Promise<T>): Promise<T> =>
  sent.catch((error: unknown) => {
    throw bucketFault(error);
  });

const orMissing = <T>(sent: Promise<T>): Promise<T | undefined> =>
  sent.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw bucketFault(error);
  });
