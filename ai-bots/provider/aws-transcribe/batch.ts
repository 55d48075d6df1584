/**
 * A recording through a batch job: handed over in the bucket, waited for, read, and deleted whatever happens. The job is
 * named by what is in the recording, so that a repeat after a crash finds the job instead of paying for another. Runs of
 * one job in this process share it; another process may delete it, and then it is started again.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { awsFault } from '../aws/fault.ts';
import type { TranscribeProvider } from '../stages.ts';
import { isSound, type Recording, type Segment } from '../transcribe/recording.ts';
import type { Bucket } from './bucket.ts';
import { endingOf } from './media-format.ts';
import { shareRuns } from './share-runs.ts';

export interface Job {
  readonly name: string;
  /** `s3://` URI of the recording. */
  readonly media: string;
  /** Ending of the recording's name, e.g. `webm`. */
  readonly ending: string;
  /** Where the transcript is to be written, when the service lets us choose. */
  readonly outputKey: string;
}

export type JobState =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly transcript: string | undefined }
  | { readonly status: 'failed'; readonly reason: string };

/** One of the services that transcribe in jobs. */
export interface BatchService {
  readonly name: string;
  readonly version: string;
  readonly model: string;
  /** Settings that make another job of the same recording. */
  readonly variant: string;
  readonly endings: readonly string[];
  start(job: Job, signal: AbortSignal): Promise<void>;
  state(name: string, signal: AbortSignal): Promise<JobState>;
  forget(name: string, signal: AbortSignal): Promise<void>;
  /** Everything that the job may have written. */
  outputKeys(job: Job): readonly string[];
  /** Undefined when the file is not in the service's form. */
  parse(transcript: unknown): readonly Segment[] | undefined;
}

export interface BatchOptions {
  readonly pollMs: number;
  /** Told in words, without PHI, that something could not be deleted. */
  readonly warn: (message: string) => void;
}

const SIZE_MAX_BYTES = 2 ** 31;
const CLEAN_UP_MS = 15_000;
/** A poll costs nothing and is asked again; a service that fails so often in a row is given up. */
const FAILED_POLLS_MAX = 5;
/** Of a job that others delete again and again. */
const STARTS_MAX = 3;

/** @param language ISO 639-1; the services take US English only */
export function batchProvider(
  service: BatchService,
  bucket: Bucket,
  language: string,
  options: BatchOptions,
): TranscribeProvider {
  const share = shareRuns<Awaited<ReturnType<TranscribeProvider['run']>>>();
  return {
    name: service.name,
    version: service.version,
    model: service.model,
    party: 'third-party',
    refusal(recording) {
      if (!isSound(recording)) return 'the recording is not sound';
      if (language !== 'en') return `${service.name} takes English only`;
      if (!service.endings.includes(endingOf(recording.contentType) ?? ''))
        return `${service.name} takes no recordings of type ${recording.contentType}`;
      return recording.data.length > SIZE_MAX_BYTES
        ? `the recording is larger than the 2 GB that ${service.name} takes`
        : undefined;
    },
    run(recording, signal) {
      const named = jobOf(service, bucket, recording);
      return share(named.job.name, signal, async (ownSignal) => {
        const segments = await transcribe(service, bucket, recording, named, options, ownSignal);
        const audioSeconds = Math.max(...segments.map((s) => s.endMs)) / 1000;
        return { output: { kind: 'segments', segments }, usage: { audioSeconds } };
      });
    },
  };
}

interface NamedJob {
  readonly job: Job;
  readonly mediaKey: string;
}

/** Throws ProviderFault, or the signal's reason. */
async function transcribe(
  service: BatchService,
  bucket: Bucket,
  recording: Recording,
  { job, mediaKey }: NamedJob,
  { pollMs, warn }: BatchOptions,
  signal: AbortSignal,
): Promise<readonly Segment[]> {
  try {
    for (let starts = 1; ; starts += 1) {
      await bucket.put(mediaKey, recording.data, recording.contentType, signal);
      try {
        await service.start(job, signal).catch(unlessItExists);
        return await read(service, bucket, await wait(service, job.name, pollMs, signal), signal);
      } catch (error) {
        if (starts === STARTS_MAX || !(await isTakenAway(service, bucket, { job, mediaKey }, error, signal)))
          throw error;
      }
    }
  } catch (error) {
    throw awsFault(error, service.name, signal);
  } finally {
    await cleanUp(service, bucket, [mediaKey, ...service.outputKeys(job)], job.name, warn);
  }
}

/** Another process has deleted the job or its recording. */
class JobGone extends ProviderFault {
  constructor(name: string) {
    super('unavailable', `${name} no longer has the job: another copy of the bots has deleted it`);
  }
}

/** Whether what failed for want of the job or the recording can be started again; a job without its recording is forgotten. */
async function isTakenAway(
  service: BatchService,
  bucket: Bucket,
  { job, mediaKey }: NamedJob,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  if (error instanceof JobGone) return true;
  const { kind } = awsFault(error, service.name, signal);
  if ((kind !== 'rejected' && kind !== 'misconfigured') || (await bucket.has(mediaKey, signal))) return false;
  await forget(service, job.name, signal);
  return true;
}

function jobOf(
  { name: service, variant, endings }: BatchService,
  bucket: Bucket,
  { data, contentType }: Recording,
): NamedJob {
  const hash = createHash('sha256')
    .update(`${service} ${variant} ${bucket.name} ${contentType}\n`)
    .update(data);
  const name = `dr-assistant-${hash.digest('hex').slice(0, 40)}`;
  const ending = endingOf(contentType) ?? endings[0] ?? 'wav';
  const mediaKey = `dr-assistant/${name}/recording.${ending}`;
  const outputKey = `dr-assistant/${name}/transcript.json`;
  return { job: { name, media: `s3://${bucket.name}/${mediaKey}`, ending, outputKey }, mediaKey };
}

function unlessItExists(error: unknown): void {
  if ((error as Error).name !== 'ConflictException') throw error;
}

/** URI of the transcript. */
async function wait(
  service: BatchService,
  name: string,
  pollMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let failed = 0; ;) {
    const state = await service.state(name, signal).catch((error: unknown) => {
      if (isGone(error)) throw new JobGone(service.name);
      const fault = awsFault(error, service.name, signal);
      failed += 1;
      if (failed >= FAILED_POLLS_MAX || !['throttled', 'unavailable'].includes(fault.kind)) throw fault;
      return { status: 'running', pauseMs: fault.retryAfterMs ?? pollMs } as const;
    });
    if (state.status === 'done') return state.transcript;
    if (state.status === 'failed') throw failure(service.name, state.reason);
    if (!('pauseMs' in state)) failed = 0;
    await sleep('pauseMs' in state ? Math.max(pollMs, state.pauseMs) : pollMs, undefined, { signal });
  }
}

/** The service's reasons are about files and rights; only what is known to be so is repeated. */
function failure(name: string, reason: string): ProviderFault {
  if (/internal failure|service unavailable|try again/i.test(reason))
    return new ProviderFault('unavailable', `${name} failed while it worked on the recording`);
  if (/access denied|permission|assume|role|not authorized|KMS/i.test(reason))
    return new ProviderFault('misconfigured', `${name} lacks the right to the bucket or its key`);
  return new ProviderFault(
    'rejected',
    `${name} could not read the recording: it is damaged, empty, too long, or of another format`,
  );
}

async function read(
  service: BatchService,
  bucket: Bucket,
  key: string | undefined,
  signal: AbortSignal,
): Promise<readonly Segment[]> {
  const transcript = key === undefined ? undefined : await bucket.readJson(key, signal);
  // Another copy of the bots had the same job, and has read and deleted it: the job is forgotten below, a repeat does it anew.
  if (transcript === undefined)
    throw new ProviderFault(
      'unavailable',
      `${service.name} has finished, and its transcript is no longer there`,
    );
  const segments = service.parse(transcript);
  if (segments === undefined)
    throw new ProviderFault('unusable', `${service.name} did not answer in its form`);
  if (segments.length === 0) throw new ProviderFault('unusable', `${service.name} recognised no words`);
  return segments;
}

/** In its own time, since the caller's may be over. */
async function cleanUp(
  service: BatchService,
  bucket: Bucket,
  keys: readonly string[],
  name: string,
  warn: (message: string) => void,
): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const forgotten = forget(service, name, signal);
  const results = await Promise.allSettled([forgotten, ...keys.map((key) => bucket.remove(key, signal))]);
  if (results.some((r) => r.status === 'rejected'))
    warn(
      `${service.name}: not all of job ${name} could be deleted from the bucket; its lifecycle rule has to do it`,
    );
}

/** Also when it was never started, or deleted by another copy. https://docs.aws.amazon.com/transcribe/latest/APIReference/CommonErrors.html */
const forget = (service: BatchService, name: string, signal: AbortSignal): Promise<void> =>
  service.forget(name, signal).catch((error: unknown) => {
    if (!isGone(error) && (error as Error).name !== 'BadRequestException') throw error;
  });

const isGone = (error: unknown): boolean => /NotFound|NoSuchKey/.test((error as Error).name);
