/** The files of exports in a local folder: each has its name only when it is whole and on disk. */
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface ExportWriter {
  append(text: string): Promise<void>;
  /** Bytes so far. */
  readonly bytes: number;
  /** Resolves when the file is on disk under its name. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** Ids of jobs and files are those that `randomId` makes. */
export interface ExportFolder {
  create(jobId: string, fileId: string): Promise<ExportWriter>;
  /** Size in bytes, or undefined when there is no such file. */
  size(jobId: string, fileId: string): Promise<number | undefined>;
  /** Undefined when there is no such file. */
  open(jobId: string, fileId: string): Promise<Readable | undefined>;
  /** All files of a job. */
  remove(jobId: string): Promise<void>;
  /** Ids of the jobs that have files. */
  list(): Promise<string[]>;
}

export function createExportFolder(folder: string): ExportFolder {
  const path = (jobId: string, fileId: string): string => join(folder, jobId, `${fileId}.ndjson`);
  return {
    async create(jobId, fileId) {
      await mkdir(join(folder, jobId), { recursive: true, mode: 0o700 });
      const target = path(jobId, fileId);
      const handle = await open(`${target}.part`, 'wx', 0o600);
      return writer(handle, target, join(folder, jobId));
    },
    size: (jobId, fileId) =>
      stat(path(jobId, fileId)).then(
        (s) => s.size,
        () => undefined,
      ),
    open: (jobId, fileId) =>
      open(path(jobId, fileId)).then(
        (handle) => handle.createReadStream(),
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
          throw error;
        },
      ),
    remove: (jobId) => rm(join(folder, jobId), { recursive: true, force: true }),
    list: () => readdir(folder).catch(() => []),
  };
}

function writer(handle: FileHandle, target: string, folder: string): ExportWriter {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async append(text) {
      const buffer = Buffer.from(text);
      await handle.appendFile(buffer);
      bytes += buffer.length;
    },
    async finish() {
      await handle.sync();
      await handle.close();
      await rename(`${target}.part`, target);
      // The renamed file survives a power cut only when the folder's entry is on disk as well.
      const entry = await open(folder, 'r');
      await entry.sync();
      await entry.close();
    },
    async discard() {
      await handle.close().catch(() => undefined);
      await rm(`${target}.part`, { force: true });
    },
  };
}
