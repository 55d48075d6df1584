/** The Task that shows a visit's progress in words: one per recording, whatever triggered. */
import type { Task } from '@medplum/fhirtypes';
import {
  currentVersion,
  handledVersions,
  isHandled as isHandledVersion,
  taskWithResult as withResult,
  withHandled,
  type TaskResult,
  type Work,
} from '../../sdk/index.ts';
import { versionReference, type Trigger } from './trigger.ts';
import { BOT } from './vocabulary.ts';

export type { TaskResult };

export const workOf = (trigger: Trigger): Work => ({
  bot: BOT,
  about: trigger.recording,
  words: 'Draft the note of a visit',
  focus: trigger.reference,
  version: versionReference(trigger),
  for: trigger.subject,
  ...(trigger.encounter === undefined ? {} : { encounter: trigger.encounter }),
  ...(trigger.author === undefined ? {} : { requester: trigger.author }),
});

/** Whether this version of the trigger has had its result, so that a repeated delivery changes nothing. */
export const isHandled = (task: Task | undefined, trigger: Trigger): boolean =>
  isHandledVersion(task, versionReference(trigger));

/** The number of the version, of the same resource, that the Task is about now. */
function versionInTask(task: Task | undefined, { reference }: Trigger): number | undefined {
  const current = task === undefined ? undefined : currentVersion(task);
  const [of, version] = current?.split('/_history/') ?? [];
  return of === reference ? Number(version) : undefined;
}

/** Whether the Task has gone on to a later version of what triggered: a note of the older one would be of yesterday. */
export const isOvertaken = (task: Task | undefined, trigger: Trigger): boolean =>
  (versionInTask(task, trigger) ?? 0) > Number(trigger.versionId);

/** Whether some version of what triggered has had its result. */
export const isKnown = (task: Task | undefined, { reference }: Trigger): boolean =>
  handledVersions(task).some((version) => version.startsWith(`${reference}/_history/`));

/** Whether this version is being worked on. */
export const isAtWork = (task: Task, trigger: Trigger): boolean =>
  currentVersion(task) === versionReference(trigger) && !isHandled(task, trigger);

/** The Task with this version of the trigger as one that has had its result: that of another. */
export const withTriggerHandled = (task: Task, trigger: Trigger): Task =>
  withHandled(task, versionReference(trigger));

/**
 * The Task as it is taken from slower work: what somebody typed comes before a recording, and a later version before an
 * earlier one. The other version counts as handled, so that its job stops when it next writes, and makes no draft.
 */
export function takenFrom(task: Task | undefined, trigger: Trigger): Task | undefined {
  const current = task === undefined ? undefined : currentVersion(task);
  if (task === undefined || current === undefined || isHandledVersion(task, current)) return task;
  const isEarlier = (versionInTask(task, trigger) ?? Infinity) < Number(trigger.versionId);
  const isOther = !current.startsWith(`${trigger.reference}/`);
  return isEarlier || (isOther && trigger.kind === 'transcript') ? withHandled(task, current) : task;
}

/** The Task with its result; this version of the trigger counts as handled from now on. */
export const taskWithResult = (task: Task, trigger: Trigger, result: TaskResult, now: string): Task =>
  withResult(task, versionReference(trigger), result, now);
