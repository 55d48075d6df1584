/** The Task that shows a visit's progress in words. https://hl7.org/fhir/R4/task.html */
import type { Resource, Task, TaskInput, TaskOutput } from '@medplum/fhirtypes';
import { derivedId } from './ids.ts';
import { versionReference, type Trigger } from './trigger.ts';
import { TASK_SYSTEM } from './vocabulary.ts';

const CURRENT = 'trigger';
const HANDLED = 'handled';

/** One Task per recording, whatever triggered. */
export const taskId = (trigger: Trigger): string => derivedId('task', trigger.recording);

/** Whether this version of the trigger has had its result, so that a repeated delivery changes nothing. */
export function isHandled(task: Task | undefined, trigger: Trigger): boolean {
  return (task?.input ?? []).some(
    (i) => i.type.text === HANDLED && i.valueReference?.reference === versionReference(trigger),
  );
}

/** The trigger version that the Task was last working on, e.g. `Media/1/_history/2`. */
export const currentTrigger = (task: Task): string | undefined =>
  task.input?.find((i) => i.type.text === CURRENT)?.valueReference?.reference;

/** The Task at work on a trigger, with the current step in words; keeps what earlier work left in it. */
export function taskAtWork(task: Task | undefined, trigger: Trigger, step: string, now: string): Task {
  const { statusReason: _reason, ...kept } = task ?? {};
  return {
    ...kept,
    resourceType: 'Task',
    id: taskId(trigger),
    identifier: [{ system: TASK_SYSTEM, value: trigger.recording }],
    status: 'in-progress',
    intent: 'order',
    code: { text: 'Draft the note of a visit' },
    businessStatus: { text: step },
    focus: { reference: trigger.reference },
    for: trigger.subject,
    ...(trigger.encounter === undefined ? {} : { encounter: trigger.encounter }),
    ...(trigger.author === undefined ? {} : { requester: trigger.author }),
    authoredOn: task?.authoredOn ?? now,
    lastModified: now,
    input: [input(CURRENT, versionReference(trigger)), ...handledInputs(task)],
  };
}

export interface TaskResult {
  readonly status: 'completed' | 'failed' | 'on-hold';
  readonly step: string;
  /** What is missing or went wrong and what to do. */
  readonly reason?: string;
  /** What the draft consists of; earlier output stays when absent. */
  readonly outputs?: readonly { readonly name: string; readonly resource: Resource }[];
}

/** The Task with its result; this version of the trigger counts as handled from now on. */
export function taskWithResult(task: Task, trigger: Trigger, result: TaskResult, now: string): Task {
  const { statusReason: _reason, ...kept } = task;
  const output = result.outputs?.map(({ name, resource }): TaskOutput => ({
    type: { text: name },
    valueReference: { reference: `${resource.resourceType}/${resource.id ?? ''}` },
  }));
  return {
    ...kept,
    status: result.status,
    businessStatus: { text: result.step },
    ...(result.reason === undefined ? {} : { statusReason: { text: result.reason } }),
    lastModified: now,
    input: [...(task.input ?? []), input(HANDLED, versionReference(trigger))],
    ...(output === undefined ? {} : { output }),
  };
}

const handledInputs = (task: Task | undefined): TaskInput[] =>
  (task?.input ?? []).filter((i) => i.type.text === HANDLED);

const input = (name: string, reference: string): TaskInput => ({
  type: { text: name },
  valueReference: { reference },
});
