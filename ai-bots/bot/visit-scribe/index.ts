/** The visit-scribe bot: recordings of visits in, drafts of notes out. */
import type { Resource, Task } from '@medplum/fhirtypes';
import type { Outcome } from '../../runtime/hook-receiver.ts';
import type { Wanted } from '../../runtime/registration.ts';
import { runJob, type JobContext } from './job.ts';
import { currentTrigger } from './task.ts';
import { parseTrigger, versionReference, type Trigger } from './trigger.ts';
import { DOCUMENT_TYPE_SYSTEM, TASK_SYSTEM } from './vocabulary.ts';

const SOUND_TYPES = [
  'wav',
  'x-wav',
  'wave',
  'webm',
  'ogg',
  'mpeg',
  'mp3',
  'mp4',
  'x-m4a',
  'm4a',
  'aac',
  'flac',
  'opus',
];

export const visitScribeSubscriptions: readonly Wanted[] = [
  {
    id: 'visit-scribe-media',
    reason: 'Draft the note of a recorded visit',
    criteria: 'Media?status=completed',
  },
  {
    id: 'visit-scribe-document-audio',
    reason: 'Draft the note of a visit whose recording came as a document',
    criteria: `DocumentReference?status=current&contenttype=${SOUND_TYPES.map((t) => `audio/${t}`).join(',')}`,
  },
  {
    id: 'visit-scribe-transcript',
    reason: 'Draft the note of a visit from a transcript written by a person',
    criteria: `DocumentReference?status=current&type=${DOCUMENT_TYPE_SYSTEM}|visit-transcript`,
  },
];

export const visitScribeScope = [
  'Patient.r',
  'Practitioner.r',
  'RelatedPerson.s',
  'Media.rs',
  'Binary.r',
  'DocumentReference.crus',
  'Composition.crus',
  'Condition.crus',
  'MedicationStatement.crus',
  'FamilyMemberHistory.crus',
  'Observation.crus',
  'Provenance.crus',
  'Device.crus',
  'Task.crus',
  'Subscription.crus',
]
  .map((s) => `system/${s}`)
  .join(' ');

export interface VisitScribe {
  /** Does what a resource version asks for; a long job is `recorded` and goes on. Throws when it should be sent again. */
  handle(resource: Resource): Promise<Outcome>;
  /** Takes up jobs that were left unfinished by a crash: Tasks in progress that stood still for `idleMs`. */
  resume(idleMs: number): Promise<void>;
  /** Waits for the jobs under way. Those still running when the process ends are resumed by the next start. */
  drain(): Promise<void>;
}

/** @param options answerAfterMs: after this time a job that is recorded in its Task no longer holds its notification up */
export function createVisitScribe(
  context: JobContext,
  options: { readonly answerAfterMs: number; readonly signal: AbortSignal },
): VisitScribe {
  const running = new Map<string, { readonly done: Promise<void>; readonly recorded: Promise<void> }>();

  // One recording is worked on once at a time in this process; the Task guards against other processes.
  const start = (trigger: Trigger): { readonly done: Promise<void>; readonly recorded: Promise<void> } => {
    const key = versionReference(trigger);
    const known = running.get(key);
    if (known !== undefined) return known;
    const { promise: recorded, resolve: onRecorded } = Promise.withResolvers<void>();
    const done = runJob(context, trigger, options.signal, onRecorded).finally(() => running.delete(key));
    const job = { done, recorded };
    running.set(key, job);
    return job;
  };

  const resumeTask = async (task: Task): Promise<void> => {
    const [type, id, , version] = (currentTrigger(task) ?? '').split('/');
    if ((type !== 'Media' && type !== 'DocumentReference') || id === undefined || version === undefined)
      return;
    const resource = await context.api.vread(type, id, version);
    const trigger = resource === undefined ? undefined : parseTrigger(resource);
    if (trigger === undefined || running.has(versionReference(trigger))) return;
    context.logger.info({ trigger: versionReference(trigger) }, 'job resumed');
    await start(trigger).done;
  };

  return {
    async handle(resource) {
      const trigger = parseTrigger(resource);
      if (trigger === undefined) return 'ignored';
      const { done, recorded } = start(trigger);
      const late = delayed(recorded, options.answerAfterMs);
      // A fault after the answer is not lost: the Task stays in progress and is resumed.
      done.catch((error: unknown) =>
        context.logger.warn({ trigger: versionReference(trigger), err: error }, 'job stopped'),
      );
      return Promise.race([done.then((): Outcome => 'done'), late]);
    },
    async resume(idleMs) {
      const bundle = await context.api.search('Task', {
        identifier: `${TASK_SYSTEM}|`,
        status: 'in-progress',
        _lastUpdated: `lt${new Date(Date.now() - idleMs).toISOString()}`,
        _count: '20',
      });
      for (const { resource } of bundle.entry ?? []) {
        if (resource?.resourceType !== 'Task') continue;
        await resumeTask(resource).catch((error: unknown) => {
          context.logger.warn({ task: resource.id, err: error }, 'job not resumed');
        });
      }
    },
    async drain() {
      await Promise.allSettled([...running.values()].map((job) => job.done));
    },
  };
}

function delayed(recorded: Promise<void>, ms: number): Promise<Outcome> {
  return new Promise((resolve) => {
    setTimeout(() => void recorded.then(() => resolve('recorded')), ms).unref();
  });
}
