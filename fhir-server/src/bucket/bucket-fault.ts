/** What the store of objects did not do. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */

/** The message holds no key and no address; `reason` is the store's code of the error, such as AccessDenied. */
export class BucketFault extends Error {
  /** Whether the same request may succeed later, without anybody's doing. */
  readonly isTransient: boolean;
  readonly reason: string;

  constructor(reason: string, isTransient: boolean) {
    super(`The store of objects did not do what was asked: ${reason}`);
    this.name = 'BucketFault';
    this.reason = reason;
    this.isTransient = isTransient;
  }
}

/** 4xx by which a store says that it has too much to do, or that the request came too slowly. */
const TRANSIENT = new Set([
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'OperationAborted',
  'BadDigest',
]);

/** Without an answer of the store, and not the network's: nobody gave us credentials, or settings of the SDK are wrong. */
const OURS = /Credentials|Region|ERR_INVALID/i;

export function bucketFault(error: unknown): BucketFault {
  if (error instanceof BucketFault) return error;
  const {
    name = '',
    code,
    $metadata,
  } = (error ?? {}) as {
    name?: string;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const reason = typeof code === 'string' ? code : name;
  if (status === undefined) return new BucketFault(reason, !OURS.test(`${name} ${reason}`));
  return new BucketFault(
    name === 'Unknown' || name === '' ? `status ${status}` : name,
    status >= 500 || status === 429 || TRANSIENT.has(name),
  );
}

/** The object is not there. A bucket that is gone is another matter. */
export const isMissing = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound'].includes((error as Error | null)?.name ?? '');
