/** Lines of an export on their way into files, each of one type and written with the same rights throughout. */
import type { BulkConfig } from '../platform/bulk-config.ts';
import type { ExportFile } from './export-job.ts';
import type { ExportFolder, ExportWriter } from './export-folder.ts';
import { randomId } from './job-store.ts';

type Kind = Pick<ExportFile, 'kind' | 'resourceType' | 'rights'>;

interface OpenFile extends Kind {
  readonly id: string;
  readonly writer: ExportWriter;
  count: number;
}

export class FileSink {
  readonly #folder: ExportFolder;
  readonly #jobId: string;
  readonly #limits: Pick<BulkConfig, 'fileRowsMax' | 'fileBytesMax'>;
  #open: OpenFile | undefined;

  constructor(folder: ExportFolder, jobId: string, limits: Pick<BulkConfig, 'fileRowsMax' | 'fileBytesMax'>) {
    this.#folder = folder;
    this.#jobId = jobId;
    this.#limits = limits;
  }

  /** Whether lines of this kind would have to go into another file than the open one. */
  wantsOther(kind: Kind): boolean {
    const open = this.#open;
    return (
      open !== undefined &&
      (open.kind !== kind.kind || open.resourceType !== kind.resourceType || open.rights !== kind.rights)
    );
  }

  get isFull(): boolean {
    const open = this.#open;
    return (
      open !== undefined &&
      (open.count >= this.#limits.fileRowsMax || open.writer.bytes >= this.#limits.fileBytesMax)
    );
  }

  /** The caller has closed the open file when it is of another kind. */
  async write(kind: Kind, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const id = randomId();
    this.#open ??= { ...kind, id, writer: await this.#folder.create(this.#jobId, id), count: 0 };
    await this.#open.writer.append(`${lines.join('\n')}\n`);
    this.#open.count += lines.length;
  }

  /** The file, now whole and on disk; none when nothing was written. */
  async close(): Promise<ExportFile | undefined> {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    const { writer, ...file } = open;
    await writer.finish();
    return { ...file, bytes: writer.bytes };
  }

  async discard(): Promise<void> {
    await this.#open?.writer.discard();
    this.#open = undefined;
  }
}
