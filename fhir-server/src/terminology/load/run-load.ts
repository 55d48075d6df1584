/** Reads the files of a release into tables, a batch at a time; a load that was broken off goes on where it was. */
import { hash } from 'node:crypto';
import type { Pool } from '../../db/index.ts';
import { ConceptWriter } from '../store/index.ts';
import { LoadError } from './load-error.ts';
import { type LoadPlan, type LoadStep, PieceBuilder } from './loader.ts';
import { type PlacedRecord, readRecords } from './read-records.ts';

export interface LoadProgress {
  readonly file: string;
  readonly records: number;
  /** Of the file, from 0 to 1; undefined where its size is not known. */
  readonly part: number | undefined;
}

export interface LoadOptions {
  /** `wasResumed`: whether a load that was broken off is gone on with. */
  onBegin?(wasResumed: boolean): void;
  /** Called after each batch, and at the end of each file. */
  onProgress?(progress: LoadProgress): void;
  /** Called before the tables are built. */
  onBuild?(): void;
}

export interface LoadReport {
  readonly concepts: number;
  /** Whether a load that was broken off was gone on with. */
  readonly wasResumed: boolean;
}

/** Rows of one transaction: some tenths of a second. */
const BATCH_SIZE = 10_000;

/**
 * Readers see the new code system at the end, all at once. Throws LoadError, and then nothing is left of it; after any other
 * error the same call goes on. Throws 409 while another process loads the same version.
 */
export async function loadCodeSystem(
  pool: Pool,
  plan: LoadPlan,
  options: LoadOptions = {},
): Promise<LoadReport> {
  const writer = await ConceptWriter.begin(pool, plan.system, fingerprint(plan));
  options.onBegin?.(writer.progress !== undefined);
  try {
    for (const index of plan.steps.keys()) await runStep(plan, index, writer, options);
    options.onBuild?.();
    return { concepts: await writer.finish(), wasResumed: writer.progress !== undefined };
  } catch (error) {
    if (error instanceof LoadError) await writer.abort();
    else await writer.leave();
    throw error;
  }
}

/** Of what is read and of the way in which it is: with another one a load begins anew. */
const fingerprint = ({ steps }: LoadPlan): string =>
  hash(
    'sha256',
    steps.map(({ file, format }) => `${file.path}\n${file.stamp}\n${JSON.stringify(format)}`).join('\n\n'),
    'hex',
  );

async function runStep(
  plan: LoadPlan,
  index: number,
  writer: ConceptWriter,
  options: LoadOptions,
): Promise<void> {
  const step = plan.steps[index]!;
  const before = writer.progress ?? { step: 0, records: 0 };
  const isDone = index < before.step;
  if (isDone && step.remembers !== true) return;
  const skipped = isDone ? Infinity : index === before.step ? before.records : 0;
  let piece = new PieceBuilder();
  // One batch is read while the one before is written.
  let writing: Promise<void> = Promise.resolve();
  let records = 0;
  const write = async (progress: { step: number; records: number }, bytes?: number): Promise<void> => {
    await writing;
    writing = writer.write(piece, progress);
    // It is awaited before the next one, and its fault thrown there.
    writing.catch(() => undefined);
    piece = new PieceBuilder();
    options.onProgress?.({ file: step.file.path, records, part: partOf(step, bytes) });
  };
  try {
    for await (const placed of readRecords(step.file, step.format)) {
      records += 1;
      if (records > skipped) readOne(step, placed, piece);
      else if (step.remembers === true) readOne(step, placed, new PieceBuilder());
      if (piece.size >= BATCH_SIZE) await write({ step: index, records }, placed.bytes);
    }
    if (!isDone) await write({ step: index + 1, records: 0 });
  } finally {
    await writing;
  }
}

function partOf({ file }: LoadStep, bytes: number | undefined): number | undefined {
  if (bytes === undefined) return 1;
  return file.size === undefined ? undefined : Math.min(1, bytes / file.size);
}

function readOne(step: LoadStep, { record, line }: PlacedRecord, piece: PieceBuilder): void {
  try {
    step.read(record, piece);
  } catch (error) {
    if (error instanceof LoadError) throw LoadError.at(step.file.path, line, error.message);
    throw error;
  }
}
