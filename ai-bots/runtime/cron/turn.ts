/**
 * One moment of a timetable as a Task. Whoever creates it has the turn: `If-None-Match: *` lets one process through, and
 * `If-Match` lets one take over what a crash has left in progress.
 */
import type { Task } from '@medplum/fhirtypes';
import {
  derivedId,
  HttpFailure,
  tickEvent,
  withStageRuns,
  type FhirApi,
  type StageRun,
  type TickEvent,
} from '../../sdk/index.ts';

/** System of the identifiers; the value is the moment and the timetable: `2026-11-23T08:00:00.000Z 0 8 * * *`. */
export const tickSystem = (bot: string): string =>
  `https://dr-assistant.example/fhir/NamingSystem/${bot}-tick`;

/** Of the Task of a moment. */
export const turnId = (bot: string, event: TickEvent): string => derivedId(bot, event.key);

export interface Turn {
  readonly event: TickEvent;
  /** Shows that the work goes on. Throws HttpFailure 412 when another process has taken over. */
  renew(step?: string): Promise<void>;
  /** @param runs what the stages of AI did */
  end(status: 'completed' | 'failed', reason: string | undefined, runs: readonly StageRun[]): Promise<void>;
}

/** Undefined when another process has or had this turn. */
export async function takeTurn(
  api: FhirApi,
  bot: { readonly name: string; readonly description: string },
  event: TickEvent,
): Promise<Turn | undefined> {
  const task: Task = {
    resourceType: 'Task',
    id: turnId(bot.name, event),
    identifier: [{ system: tickSystem(bot.name), value: event.key.slice('tick/'.length) }],
    status: 'in-progress',
    intent: 'order',
    code: { text: bot.description },
    businessStatus: { text: 'Running' },
    authoredOn: event.at.toISOString(),
    executionPeriod: { start: new Date().toISOString() },
  };
  try {
    return turnOf(api, await api.update(task, { ifNoneMatch: '*' }), event);
  } catch (error) {
    if (error instanceof HttpFailure && error.status === 412) return undefined;
    throw error;
  }
}

/** Undefined when another process was faster, or when the Task is none of a timetable. */
export async function takeOver(api: FhirApi, found: Task): Promise<Turn | undefined> {
  const [, at = '', cron = ''] = /^(\S+) (.+)$/.exec(found.identifier?.[0]?.value ?? '') ?? [];
  if (Number.isNaN(Date.parse(at))) return undefined;
  const turn = turnOf(api, found, tickEvent(new Date(at), cron));
  try {
    await turn.renew('Taken over');
    return turn;
  } catch (error) {
    if (error instanceof HttpFailure && error.status === 412) return undefined;
    throw error;
  }
}

function turnOf(api: FhirApi, first: Task, event: TickEvent): Turn {
  let task = first;
  // The beat of the lease and the steps of the handler take turns, each over the version before.
  let queue: Promise<void> = Promise.resolve();
  const write = (change: Partial<Task>, runs: readonly StageRun[] = []): Promise<void> => {
    const next = queue.then(async () => {
      const lastModified = new Date().toISOString();
      const changed = withStageRuns({ ...task, ...change, lastModified }, runs);
      task = await api.update(changed, { ifMatch: task.meta?.versionId ?? '' });
    });
    queue = next.catch(() => undefined);
    return next;
  };
  return {
    event,
    renew: (step) => write(step === undefined ? {} : { businessStatus: { text: step } }),
    end: (status, reason, runs) =>
      write(
        {
          status,
          businessStatus: { text: status === 'completed' ? 'Done' : 'Stopped' },
          ...(reason === undefined ? {} : { statusReason: { text: reason } }),
          executionPeriod: { ...task.executionPeriod, end: new Date().toISOString() },
        },
        runs,
      ),
  };
}
