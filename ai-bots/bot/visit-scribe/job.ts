/** One trigger's work from the first look to the committed draft; running it again at any point goes on or changes nothing. */
import type { Bundle, Task } from '@medplum/fhirtypes';
import { NoProviderError, type Call, type StageRun } from '../../orchestrator/index.ts';
import type { Pipeline } from '../../pipeline/index.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { HttpFailure, isTransient } from '../../runtime/http-failure.ts';
import type { Logger } from '../../runtime/logger.ts';
import { loadContent } from './content.ts';
import { buildDraft, createEntry, updateEntry } from './draft/bundle.ts';
import type { VisitDraft } from './draft/draft.ts';
import { fallbackWords, providerTexts } from './draft/stage-words.ts';
import { withdrawEarlierDraft } from './draft/supersede.ts';
import { draftVisit } from './draft-visit.ts';
import { NoConsultation } from './no-consultation.ts';
import { loadPeople } from './people.ts';
import { PermanentFault } from './permanent-fault.ts';
import { loadTask, startProgress, type Progress } from './progress.ts';
import {
  isAtWork,
  isHandled,
  isKnown,
  isOvertaken,
  taskWithResult,
  withTriggerHandled,
  type TaskResult,
} from './task.ts';
import { versionReference, type Trigger } from './trigger.ts';
import { findTypedTranscript } from './typed-transcript.ts';

export interface JobContext {
  readonly api: FhirApi;
  readonly pipeline: Pipeline;
  readonly contentSizeMaxBytes: number;
  readonly logger: Logger;
  /** How often the Task shows life during a long step. */
  readonly renewEveryMs?: number;
}

/** How often a job starts over because somebody else wrote at the same time. */
const ATTEMPTS_MAX = 3;

/**
 * Resolves when the result is committed: a draft, or a Task that says what is missing or wrong.
 * Throws HttpFailure or a network fault when the job should be tried again later.
 * @param onRecorded called as soon as the Task exists, from when on the job survives a crash
 */
export async function runJob(
  context: JobContext,
  trigger: Trigger,
  signal: AbortSignal,
  onRecorded: () => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const earlier = await loadTask(context.api, trigger);
    if (isHandled(earlier, trigger) || isOvertaken(earlier, trigger)) return;
    try {
      if (await isLeftToTranscript(context, trigger, earlier, signal, onRecorded)) return;
      await work(context, trigger, earlier, signal, onRecorded);
      return;
    } catch (error) {
      // Another copy of the bot, or a person, wrote first: look again, it may be done.
      const raced = error instanceof HttpFailure && (error.status === 412 || error.status === 409);
      if (!raced || attempt >= ATTEMPTS_MAX) throw error;
      context.logger.info(
        { trigger: versionReference(trigger), attempt },
        'somebody else wrote first; looking again',
      );
    }
  }
}

/**
 * Whether what somebody typed of a recording is drafted instead; it is begun here when it has not been delivered yet. A
 * later version of the recording is drafted all the same, and so is one whose transcript came to nothing.
 */
async function isLeftToTranscript(
  context: JobContext,
  trigger: Trigger,
  earlier: Task | undefined,
  signal: AbortSignal,
  onRecorded: () => void,
): Promise<boolean> {
  const { api } = context;
  if (trigger.kind !== 'recording' || isKnown(earlier, trigger)) return false;
  const typed = await findTypedTranscript(api, trigger);
  if (typed === undefined) return false;
  // Whoever works on it would have to begin again if the Task were written here.
  if (earlier !== undefined && isAtWork(earlier, typed)) return true;
  if (!isHandled(earlier, typed)) await runJob(context, typed, signal, onRecorded);
  const task = await loadTask(api, trigger);
  if (task?.status !== 'completed') return false;
  await api.update(withTriggerHandled(task, trigger), { ifMatch: task.meta?.versionId ?? '' });
  return true;
}

async function work(
  context: JobContext,
  trigger: Trigger,
  earlier: Task | undefined,
  signal: AbortSignal,
  onRecorded: () => void,
): Promise<void> {
  const { api, renewEveryMs } = context;
  const progress = await startProgress(api, trigger, earlier, 'Reading the recording', renewEveryMs);
  onRecorded();
  const runs: StageRun[] = [];
  const call: Call = { signal, onRun: (run) => void runs.push(run) };
  try {
    const recording = await loadContent(api, trigger.content, context.contentSizeMaxBytes);
    await progress.step('Writing down what was said');
    const recognised = await context.pipeline.transcribe.run(recording, call);
    await progress.step('Drafting the note');
    const people = await loadPeople(api, trigger);
    const draft = await draftVisit(context.pipeline, recognised, people, call);
    await commit(context, trigger, progress, draft, runs);
  } catch (error) {
    const result = resultOf(error, signal);
    if (result === undefined) throw error;
    const waiting = waitingWords(error);
    if (waiting !== undefined) {
      await progress.step(waiting, runs);
      throw new HttpFailure(503, 'no provider can do the work just now', { cause: error });
    }
    context.logger.warn(
      { trigger: versionReference(trigger), status: result.status, err: error },
      'no draft',
    );
    await progress.end({ ...result, runs });
  } finally {
    await progress.release();
  }
}

/** The draft, the end of the Task and the withdrawal of an earlier draft: all or nothing. */
async function commit(
  { api, logger }: JobContext,
  trigger: Trigger,
  progress: Progress,
  draft: VisitDraft,
  runs: readonly StageRun[],
): Promise<void> {
  await progress.release();
  const now = new Date().toISOString();
  const { outputs, devices, provenance } = buildDraft(trigger, draft, now);
  const task = progress.task();
  const fallbacks = fallbackWords(draft);
  const by = providerTexts(draft.stages)['transcribe'] ?? 'nobody';
  const step = [`Draft ready for review (transcript by ${by})`, ...fallbacks].join('. ');
  const done = taskWithResult(task, trigger, { status: 'completed', step, outputs, runs }, now);
  const known = await Promise.all(devices.map((device) => api.read('Device', device.id ?? '')));
  const created = [
    ...devices.filter((_, i) => known[i] === undefined),
    ...outputs.map((o) => o.resource),
    provenance,
  ];
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...created.map((resource) => createEntry(api.baseUrl, resource)),
      ...(await withdrawEarlierDraft(api, task)),
      updateEntry(api.baseUrl, done, task.meta?.versionId ?? ''),
    ],
  };
  await api.transaction(bundle);
  logger.info({ trigger: versionReference(trigger), resources: created.length }, 'draft committed');
}

/** What the Task says while a provider is expected back: the recording is safe and sent again later. Undefined for other faults. */
function waitingWords(error: unknown): string | undefined {
  if (!(error instanceof NoProviderError)) return undefined;
  const { stage, passedOver } = error;
  const isPassing = passedOver.some(
    // A recording that is too long for the time limit is so each time; a note of the same length passes with the load.
    ({ kind }) => PASSING.has(kind) || (kind === 'timeout' && stage === 'draft'),
  );
  if (!isPassing) return undefined;
  if (stage === 'draft') return 'Waiting until a provider drafts the note again';
  return stage === 'transcribe'
    ? 'Waiting until a provider writes down what was said again; a transcript may be pasted or typed instead'
    : undefined;
}

/** Passes by itself, or with the next day's budget. */
const PASSING = new Set(['throttled', 'unavailable', 'left-out', 'busy', 'budget']);

/** What the Task says about a fault; undefined when another attempt may get further. */
function resultOf(error: unknown, signal: AbortSignal): TaskResult | undefined {
  if (error instanceof NoProviderError && error.stage === 'transcribe') {
    const reasons = error.passedOver.filter((p) => p.provider !== 'written transcript');
    const why = reasons.map((p) => `${p.provider}: ${p.reason}`).join('; ');
    const reason = `The recording could not be turned into text (${why}). Please paste or type the transcript; the note is then drafted from it.`;
    return { status: 'on-hold', step: 'Waiting for a transcript', reason };
  }
  if (error instanceof NoConsultation) {
    const reason = `${error.message} No note was drafted. If it was a visit, please paste or type what was said.`;
    return { status: 'on-hold', step: 'No consultation was heard', reason };
  }
  const again = error instanceof HttpFailure && [401, 409, 412].includes(error.status);
  if (again || isTransient(error) || signal.aborted) return undefined;
  // Whatever else it is, it would meet the next attempt too; only texts of our own are shown.
  const known =
    error instanceof PermanentFault || error instanceof HttpFailure || error instanceof NoProviderError;
  const what = known ? error.message : 'an unexpected fault, see the log of the bots';
  const reason = `The note could not be drafted: ${what}. Please record or paste the visit again, or tell your administrator.`;
  return { status: 'failed', step: 'Stopped', reason };
}
