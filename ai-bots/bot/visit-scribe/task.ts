/** The Task that shows a visit's progress in words: one per recording, whatever triggered. */
import type { Task } from '@medplum/fhirtypes';
import {
  isHandled as isHandledVersion,
  taskWithResult as withResult,
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

/** The Task with its result; this version of the trigger counts as handled from now on. */
export const taskWithResult = (task: Task, trigger: Trigger, result: TaskResult, now: string): Task =>
  withResult(task, versionReference(trigger), result, now);
