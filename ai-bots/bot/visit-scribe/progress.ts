/** The progress of a visit's draft, shown step by step in its Task. */
import type { Task } from '@medplum/fhirtypes';
import { loadTask as load, startProgress as start, type FhirApi, type Progress } from '../../sdk/index.ts';
import { takenFrom, workOf } from './task.ts';
import type { Trigger } from './trigger.ts';

export type { Progress };

/** Takes the Task of a trigger up, or makes it. `earlier` is the Task as it was found. */
export const startProgress = (
  api: FhirApi,
  trigger: Trigger,
  earlier: Task | undefined,
  firstStep: string,
  renewEveryMs?: number,
): Promise<Progress> => start(api, workOf(trigger), takenFrom(earlier, trigger), firstStep, renewEveryMs);

export const loadTask = (api: FhirApi, trigger: Trigger): Promise<Task | undefined> =>
  load(api, workOf(trigger));
