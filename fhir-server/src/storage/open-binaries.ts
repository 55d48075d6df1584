/** Where the content of Binaries lies, by the settings. */
import { join } from 'node:path';
import type { Bucket } from '../bucket/index.ts';
import { createBinaryBucket } from './binary-bucket.ts';
import { createBinaryFolder } from './binary-folder.ts';
import type { BinaryStore } from './binary-store.ts';

export function openBinaries(
  { dataDir }: { readonly dataDir: string },
  bucket: Bucket | undefined,
): BinaryStore {
  const folder = createBinaryFolder(join(dataDir, 'binary'));
  return bucket === undefined ? folder : createBinaryBucket(bucket, folder);
}
