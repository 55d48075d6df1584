/** The Task that shows in words how far a bot is with something. https://hl7.org/fhir/R4/task.html */
import type { Encounter, Reference, Resource, Task, TaskInput, TaskOutput } from '@medplum/fhirtypes';
import type { StageRun } from '../orchestrator/index.ts';
import { derivedId } from './derived-id.ts';
import { withStageRuns } from './stage-run.ts';

const CURRENT = 'trigger';
const HANDLED = 'handled';

/** What a Task stands for: one per bot and thing, whichever version of whatever resource woke the bot. */
export interface Work {
  readonly bot: string;
  /** What the Task is about: `Media/1`. */
  readonly about: string;
  /** The task in words: "Draft the note of a visit". */
  readonly words: string;
  /** The resource that woke the bot, and its version: `Media/1`, `Media/1/_history/2`. */
  readonly focus: string;
  readonly version: string;
  readonly for?: Reference;
  readonly encounter?: Reference<Encounter>;
  readonly requester?: Task['requester'];
}

/** System of the identifiers of a bot's Tasks; the value is what the Task is about. */
export const taskSystem = (bot: string): string =>
  `https://dr-assistant.example/fhir/NamingSystem/${bot}-task`;

export const taskId = (work: Pick<Work, 'bot' | 'about'>): string => derivedId(work.bot, 'task', work.about);

/** Whether this version has had its result, so that a repeated delivery changes nothing. */
export const isHandled = (task: Task | undefined, version: string): boolean =>
  handledVersions(task).includes(version);

/** All versions that have had their result, of whatever resources. */
export const handledVersions = (task: Task | undefined): string[] =>
  handledInputs(task).flatMap((i) => i.valueReference?.reference ?? []);

/** The Task with this version marked as one that has had its result. */
export const withHandled = (task: Task, version: string): Task => ({
  ...task,
  input: [...(task.input ?? []), input(HANDLED, version)],
});

/** The version that the Task was last working on, e.g. `Media/1/_history/2`. */
export const currentVersion = (task: Task): string | undefined =>
  task.input?.find((i) => i.type.text === CURRENT)?.valueReference?.reference;

const NEW: Task = { resourceType: 'Task', status: 'in-progress', intent: 'order' };

/** The Task at work, with the current step in words; keeps what earlier work left in it, but for what its stages did. */
export function taskAtWork(
  task: Task | undefined,
  work: Work,
  step: string,
  now: string,
  runs: readonly StageRun[] = [],
): Task {
  const { statusReason: _reason, ...kept } = task ?? NEW;
  return {
    ...withStageRuns(kept, runs),
    id: taskId(work),
    identifier: [{ system: taskSystem(work.bot), value: work.about }],
    status: 'in-progress',
    intent: 'order',
    code: { text: work.words },
    businessStatus: { text: step },
    focus: { reference: work.focus },
    ...(work.for === undefined ? {} : { for: work.for }),
    ...(work.encounter === undefined ? {} : { encounter: work.encounter }),
    ...(work.requester === undefined ? {} : { requester: work.requester }),
    authoredOn: task?.authoredOn ?? now,
    executionPeriod: { start: isSameWork(task, work) ? (task?.executionPeriod?.start ?? now) : now },
    lastModified: now,
    input: [input(CURRENT, work.version), ...handledInputs(task)],
  };
}

/** Whether work on this version was begun, and has not had its result. */
const isSameWork = (task: Task | undefined, { version }: Work): boolean =>
  task !== undefined && currentVersion(task) === version && !isHandled(task, version);

export interface TaskResult {
  readonly status: 'completed' | 'failed' | 'on-hold';
  readonly step: string;
  /** What is missing or went wrong and what to do. */
  readonly reason?: string;
  /** What came of it; earlier output stays when absent. */
  readonly outputs?: readonly { readonly name: string; readonly resource: Resource }[];
  /** What the stages of AI did for it. */
  readonly runs?: readonly StageRun[];
}

/** The Task with its result; this version counts as handled from now on. */
export function taskWithResult(task: Task, version: string, result: TaskResult, now: string): Task {
  const { statusReason: _reason, ...kept } = withStageRuns(task, result.runs ?? []);
  const start = task.executionPeriod?.start;
  const output = result.outputs?.map(({ name, resource }): TaskOutput => ({
    type: { text: name },
    valueReference: { reference: `${resource.resourceType}/${resource.id ?? ''}` },
  }));
  return {
    ...withHandled(kept, version),
    status: result.status,
    businessStatus: { text: result.step },
    ...(result.reason === undefined ? {} : { statusReason: { text: result.reason } }),
    // The clocks of two machines differ, and no period ends before it begins.
    ...(start === undefined ? {} : { executionPeriod: { start, end: start > now ? start : now } }),
    lastModified: now,
    ...(output === undefined ? {} : { output }),
  };
}

const handledInputs = (task: Task | undefined): TaskInput[] =>
  (task?.input ?? []).filter((i) => i.type.text === HANDLED);

const input = (name: string, reference: string): TaskInput => ({
  type: { text: name },
  valueReference: { reference },
});
