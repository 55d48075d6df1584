/** The face of bucket: objects in S3, or in a store that speaks as it does. Alone knows the SDK, which only those load who use it. */
import type { BucketConfig } from '../platform/content-config.ts';
import type { Bucket } from './bucket.ts';

export type { Bucket, FoundObject } from './bucket.ts';
export { BucketFault } from './bucket-fault.ts';

/** Calls nobody yet. */
export async function openBucket(config: BucketConfig): Promise<Bucket> {
  const { createS3Bucket } = await import('./s3-bucket.ts');
  return createS3Bucket(config);
}
