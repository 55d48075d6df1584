/** Writes a Task step by step, each time over the version that was written last, so that parallel workers notice each other. */
import type { Task } from '@medplum/fhirtypes';
import type { StageRun } from '../orchestrator/index.ts';
import type { FhirApi } from '../runtime/fhir-api.ts';
import { HttpFailure } from '../runtime/http-failure.ts';
import { taskAtWork, taskId, taskWithResult, type TaskResult, type Work } from './task.ts';

export interface Progress {
  /** The Task as last written. */
  readonly task: () => Task;
  /** Shows the next step in words, and what the stages did so far. Throws HttpFailure 412 when somebody else wrote the Task meanwhile. */
  step(words: string, runs?: readonly StageRun[]): Promise<void>;
  /** Ends the work. */
  end(result: TaskResult): Promise<void>;
  /** Shows no more life: for who ends the Task in another way, or leaves it to the next attempt. Waits for a write under way. */
  release(): Promise<void>;
}

/** A third of BOT_RESUME_EVERY_MS as it is by default. */
export const RENEW_EVERY_MS = 40_000;

/**
 * Takes the Task of a work up, or makes it. `earlier` is the Task as it was found. Until the end or the release the Task is
 * written again every so often, since one that stands still is taken up by another process.
 */
export async function startProgress(
  api: FhirApi,
  work: Work,
  earlier: Task | undefined,
  firstStep: string,
  renewEveryMs = RENEW_EVERY_MS,
): Promise<Progress> {
  const write = (task: Task, over: Task | undefined): Promise<Task> =>
    api.update(task, over === undefined ? { ifNoneMatch: '*' } : { ifMatch: over.meta?.versionId ?? '' });
  const now = (): string => new Date().toISOString();
  let task = await write(taskAtWork(earlier, work, firstStep, now()), earlier);
  let last: Promise<void> = Promise.resolve();
  // One after the other, each over the version of the one before.
  const put = (change: (task: Task) => Task): Promise<void> => {
    const written = last.then(async () => {
      task = await write(change(task), task);
    });
    last = written.catch(() => undefined);
    return written;
  };
  let isRenewing = false;
  const timer = setInterval(() => {
    if (isRenewing) return;
    isRenewing = true;
    put((t) => ({ ...t, lastModified: now() }))
      // Whoever wrote meanwhile has the Task: the next step meets it too.
      .catch((error: unknown) => {
        if (error instanceof HttpFailure && error.status === 412) clearInterval(timer);
      })
      .finally(() => (isRenewing = false));
  }, renewEveryMs).unref();
  return {
    task: () => task,
    step: (words, runs) => put((t) => taskAtWork(t, work, words, now(), runs)),
    end(result) {
      clearInterval(timer);
      return put((t) => taskWithResult(t, work.version, result, now()));
    },
    release() {
      clearInterval(timer);
      return last;
    },
  };
}

export const loadTask = (api: FhirApi, work: Pick<Work, 'bot' | 'about'>): Promise<Task | undefined> =>
  api.read('Task', taskId(work));
