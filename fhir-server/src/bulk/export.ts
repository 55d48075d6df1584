/** One export from where it stands to its end: pages become lines, lines files, and each file a checkpoint. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationOutcome } from '@medplum/fhirtypes';
import type { Server } from '../interaction/index.ts';
import { type ExportFile, type ExportJob, FIRST_PLACE, type Place } from './export-job.ts';
import type { ExportFolder } from './export-folder.ts';
import { FileSink } from './file-sink.ts';
import { type Lease, randomId, renewLease, saveCheckpoint } from './job-store.ts';
import { Reading } from './read-step.ts';
import { currentRights, type LoadRequester } from './rights.ts';

export interface ExportContext {
  readonly server: Server;
  readonly folder: ExportFolder;
  readonly loadRequester: LoadRequester;
}

/** `lost`: the job is another's, or was deleted. `stopped`: as the caller asked. */
export type Ended =
  { readonly how: 'lost' | 'stopped' } | { readonly how: 'done'; readonly notes: readonly string[] };

/** Throws RightsLost. What was not in a whole file is forgotten, and done again by whoever goes on. */
export async function exportJob(
  { server, folder, loadRequester }: ExportContext,
  job: ExportJob,
  lease: Lease,
  signal: AbortSignal,
): Promise<Ended> {
  const { pool, config } = server;
  const reading = new Reading(job, config.bulk);
  const sink = new FileSink(folder, job.id, config.bulk);
  const notes = new Set(job.notes);
  let place = job.place ?? FIRST_PLACE;
  let count = 0;
  const progress = (): string => `${reading.typeAt(place) ?? ''} ${count} resources`.trim().slice(0, 100);
  // What is found now belongs to the next wave, also when the place has moved on to it.
  const waveOf = ({ stage, wave }: Place): number => (stage === 'references' ? wave + 1 : 0);
  const checkpoint = async (wave: number): Promise<boolean> => {
    const file = await sink.close();
    return saveCheckpoint(pool, job.id, lease, {
      place,
      files: file ? [file] : [],
      references: reading.references.take(),
      wave,
      notes: [...notes],
      progress: progress(),
    });
  };
  try {
    while (place.stage !== 'over') {
      if (signal.aborted) return { how: 'stopped' };
      const { request, digest } = await currentRights(server, job, loadRequester);
      const step = await reading.step(request, place);
      const kind = { kind: step.kind, resourceType: step.resourceType, rights: digest };
      if (sink.wantsOther(kind) && !(await checkpoint(waveOf(place)))) return { how: 'lost' };
      await sink.write(kind, step.lines);
      count += step.lines.length;
      if (step.note !== undefined) notes.add(step.note);
      const isEnd = isOtherFile(place, step.next);
      const wave = waveOf(place);
      place = step.next;
      const isOurs =
        isEnd || sink.isFull ? await checkpoint(wave) : await renewLease(pool, job.id, lease, progress());
      if (!isOurs) return { how: 'lost' };
      if (config.bulk.pauseMs > 0 && step.lines.length > 0) await sleep(config.bulk.pauseMs);
    }
    return { how: 'done', notes: [...notes] };
  } finally {
    await sink.discard();
  }
}

const isOtherFile = (a: Place, b: Place): boolean =>
  a.stage !== b.stage ||
  a.type !== b.type ||
  a.deletions !== b.deletions ||
  a.wave !== b.wave ||
  (a.referred !== b.referred && a.referred !== '');

/** What the client should know, in a file of its own. */
export async function outcomeFile(
  folder: ExportFolder,
  jobId: string,
  notes: readonly string[],
): Promise<ExportFile | undefined> {
  if (notes.length === 0) return undefined;
  const lines = notes.map((text): string => {
    const outcome: OperationOutcome = {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning', code: 'incomplete', diagnostics: text }],
    };
    return JSON.stringify(outcome);
  });
  const id = randomId();
  const writer = await folder.create(jobId, id);
  await writer.append(`${lines.join('\n')}\n`);
  await writer.finish();
  const bytes = writer.bytes;
  return { id, kind: 'error', resourceType: 'OperationOutcome', count: lines.length, bytes, rights: '' };
}
