/** Where the files of exports lie, by the settings. */
import { join } from 'node:path';
import type { Bucket } from '../bucket/index.ts';
import { createExportBucket } from './export-bucket.ts';
import { createExportFolder, type ExportFolder } from './export-folder.ts';

export const openExports = (
  { dataDir }: { readonly dataDir: string },
  bucket: Bucket | undefined,
): ExportFolder =>
  bucket === undefined ? createExportFolder(join(dataDir, 'bulk')) : createExportBucket(bucket);
