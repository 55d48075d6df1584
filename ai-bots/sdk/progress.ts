/** Writes a Task step by step, each time over the version that was written last, so that parallel workers notice each other. */
import type { Task } from '@medplum/fhirtypes';
import type { FhirApi } from '../runtime/fhir-api.ts';
import { taskAtWork, taskId, taskWithResult, type TaskResult, type Work } from './task.ts';

export interface Progress {
  /** The Task as last written. */
  readonly task: () => Task;
  /** Shows the next step in words. Throws HttpFailure 412 when somebody else wrote the Task meanwhile. */
  step(words: string): Promise<void>;
  /** Ends the work. */
  end(result: TaskResult): Promise<void>;
}

/** Takes the Task of a work up, or makes it. `earlier` is the Task as it was found. */
export async function startProgress(
  api: FhirApi,
  work: Work,
  earlier: Task | undefined,
  firstStep: string,
): Promise<Progress> {
  const write = (task: Task, over: Task | undefined): Promise<Task> =>
    api.update(task, over === undefined ? { ifNoneMatch: '*' } : { ifMatch: over.meta?.versionId ?? '' });
  const now = (): string => new Date().toISOString();
  let task = await write(taskAtWork(earlier, work, firstStep, now()), earlier);
  return {
    task: () => task,
    async step(words) {
      task = await write(taskAtWork(task, work, words, now()), task);
    },
    async end(result) {
      task = await write(taskWithResult(task, work.version, result, now()), task);
    },
  };
}

export const loadTask = (api: FhirApi, work: Pick<Work, 'bot' | 'about'>): Promise<Task | undefined> =>
  api.read('Task', taskId(work));
