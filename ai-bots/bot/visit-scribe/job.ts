/** One trigger's work from the first look to the committed draft; running it again at any point goes on or changes nothing. */
import type { Bundle, Task } from '@medplum/fhirtypes';
import { NoProviderError, type Stage } from '../../orchestrator/index.ts';
import type { Recognised, Recording } from '../../provider/transcribe/index.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { HttpFailure, isTransient } from '../../runtime/http-failure.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ClinicalPipeline, Gender } from './clinical.ts';
import { loadContent } from './content.ts';
import { buildDraft, createEntry, updateEntry } from './draft/bundle.ts';
import type { VisitDraft } from './draft/draft.ts';
import { withdrawEarlierDraft } from './draft/supersede.ts';
import { draftVisit } from './draft-visit.ts';
import { PermanentFault } from './permanent-fault.ts';
import { loadTask, startProgress, type Progress } from './progress.ts';
import { isHandled, taskWithResult, type TaskResult } from './task.ts';
import { versionReference, type Trigger } from './trigger.ts';

/** Undefined also when the bot may not read the patient: a draft with "they" is better than none. */
async function genderOf(api: FhirApi, trigger: Trigger): Promise<Gender | undefined> {
  const id = /^Patient\/([^/]+)$/.exec(trigger.subject.reference ?? '')?.[1];
  const patient = id === undefined ? undefined : await api.read('Patient', id).catch(() => undefined);
  return patient?.gender;
}

export interface JobContext {
  readonly api: FhirApi;
  readonly transcribe: Stage<Recording, Recognised>;
  readonly clinical: ClinicalPipeline<unknown>;
  readonly contentSizeMaxBytes: number;
  readonly logger: Logger;
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
    if (isHandled(earlier, trigger)) return;
    try {
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

async function work(
  context: JobContext,
  trigger: Trigger,
  earlier: Task | undefined,
  signal: AbortSignal,
  onRecorded: () => void,
): Promise<void> {
  const progress = await startProgress(context.api, trigger, earlier, 'Reading the recording');
  onRecorded();
  try {
    const recording = await loadContent(context.api, trigger.content, context.contentSizeMaxBytes);
    await progress.step('Writing down what was said');
    const { output, provider } = await context.transcribe.run(recording, signal);
    await progress.step('Drafting the note');
    const gender = await genderOf(context.api, trigger);
    const draft = await draftVisit(context.clinical, output, provider, gender);
    await commit(context, trigger, progress, draft);
  } catch (error) {
    const result = resultOf(error, signal);
    if (result === undefined) throw error;
    context.logger.warn(
      { trigger: versionReference(trigger), status: result.status, err: error },
      'no draft',
    );
    await progress.end(result);
  }
}

/** The draft, the end of the Task and the withdrawal of an earlier draft: all or nothing. */
async function commit(
  { api, logger }: JobContext,
  trigger: Trigger,
  progress: Progress,
  draft: VisitDraft,
): Promise<void> {
  const now = new Date().toISOString();
  const { outputs, device, provenance } = buildDraft(trigger, draft, now);
  const task = progress.task();
  const step = `Draft ready for review (transcript by ${draft.providers.transcribe})`;
  const done = taskWithResult(task, trigger, { status: 'completed', step, outputs }, now);
  const known = await api.read('Device', device.id ?? '');
  const created = [...(known === undefined ? [device] : []), ...outputs.map((o) => o.resource), provenance];
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

/** What the Task says about a fault; undefined when another attempt may get further. */
function resultOf(error: unknown, signal: AbortSignal): TaskResult | undefined {
  if (error instanceof NoProviderError) {
    const reasons = error.passedOver.filter((p) => p.provider !== 'written transcript');
    const why = reasons.map((p) => `${p.provider}: ${p.reason}`).join('; ');
    const reason = `The recording could not be turned into text (${why}). Please paste or type the transcript; the note is then drafted from it.`;
    return { status: 'on-hold', step: 'Waiting for a transcript', reason };
  }
  const again = error instanceof HttpFailure && [401, 409, 412].includes(error.status);
  if (again || isTransient(error) || signal.aborted) return undefined;
  // Whatever else it is, it would meet the next attempt too; only texts of our own are shown.
  const known = error instanceof PermanentFault || error instanceof HttpFailure;
  const what = known ? error.message : 'an unexpected fault, see the log of the bots';
  const reason = `The note could not be drafted: ${what}. Please record or paste the visit again, or tell your administrator.`;
  return { status: 'failed', step: 'Stopped', reason };
}
