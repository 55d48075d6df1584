/** The SDK: everything that a bot outside of this repository may use. See docs/writing-a-bot.md. */
export { BotFault, defineBot } from './bot.ts';
export type { Bot, BotDefinition, CronTrigger, OpenBot, Outcome, ResourceTrigger, Trigger } from './bot.ts';
export type { BotContext } from './context.ts';
export { derivedId } from './derived-id.ts';
export { resourceEvent, tickEvent } from './event.ts';
export type { BotEvent, ResourceEvent, TickEvent } from './event.ts';
export { clinicianIn, loadPractitioners, loadRelatives } from './people.ts';
export { PermanentFault } from './permanent-fault.ts';
export { loadTask, startProgress } from './progress.ts';
export type { Progress } from './progress.ts';
export { runEvent } from './run-event.ts';
export type { Surroundings } from './run-event.ts';
export { allows } from './scope.ts';
export { STAGE_RUN_EXTENSION, withStageRuns } from './stage-run.ts';
export { readSettings, SettingsError } from './settings.ts';
export type { SettingsReader } from './settings.ts';
export {
  currentVersion,
  handledVersions,
  isHandled,
  taskAtWork,
  taskId,
  taskSystem,
  taskWithResult,
  withHandled,
} from './task.ts';
export type { TaskResult, Work } from './task.ts';
export { createEntry, transactionOf, updateEntry } from './write-once.ts';
export { HttpFailure } from '../runtime/http-failure.ts';
export type { Asked, StageRun } from '../orchestrator/index.ts';
export type { FhirApi } from '../runtime/fhir-api.ts';
