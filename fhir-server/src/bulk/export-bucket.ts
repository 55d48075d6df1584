/** The files of exports in a bucket, so that every api reaches what any worker has written. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Bucket } from '../bucket/index.ts';
import type { ExportFolder, ExportWriter } from './export-folder.ts';

const FOLDER = 'bulk';

export function createExportBucket(bucket: Bucket): ExportFolder {
  const keyOf = (jobId: string, fileId: string): string => `${FOLDER}/${jobId}/${fileId}.ndjson`;
  return {
    create: (jobId, fileId) => Promise.resolve(writer(bucket, keyOf(jobId, fileId))),
    size: (jobId, fileId) => bucket.size(keyOf(jobId, fileId)),
    open: (jobId, fileId) => bucket.open(keyOf(jobId, fileId)),
    async remove(jobId) {
      // What a worker that is gone had not finished; one that is there fails when it finishes, and has lost the job.
      await bucket.endUploads(`${FOLDER}/${jobId}`, new Date(Date.now() + 60_000));
      for await (const { key } of bucket.list(`${FOLDER}/${jobId}`)) await bucket.remove(key);
    },
    async list() {
      const jobs: string[] = [];
      for await (const job of bucket.folders(FOLDER)) jobs.push(job);
      return jobs;
    },
  };
}

function writer(bucket: Bucket, key: string): ExportWriter {
  const content = new PassThrough();
  let bytes = 0;
  let fault: unknown;
  const stored = bucket.put(key, content).catch((error: unknown) => {
    fault = error;
    content.destroy();
  });
  // It is told by what `append` and `finish` throw.
  content.on('error', () => undefined);
  const check = (): void => {
    if (fault !== undefined) throw fault as Error;
  };
  return {
    get bytes() {
      return bytes;
    },
    async append(text) {
      check();
      const buffer = Buffer.from(text);
      bytes += buffer.length;
      if (!content.write(buffer)) await Promise.race([once(content, 'drain').catch(() => undefined), stored]);
      check();
    },
    async finish() {
      content.end();
      await stored;
      check();
    },
    async discard() {
      content.destroy(new Error('discarded'));
      await stored;
    },
  };
}
