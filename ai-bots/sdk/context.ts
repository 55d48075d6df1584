/** What a handler is given to work with. */
import type { Resource } from '@medplum/fhirtypes';
import type { StageRun } from '../orchestrator/index.ts';
import type { FhirApi } from '../runtime/fhir-api.ts';
import type { Logger } from '../runtime/logger.ts';

export interface Foundation {
  /** The FHIR API with the rights of the bot's own client. */
  readonly fhir: FhirApi;
  /** Aborts when the process stops or, for a tick, when another process has taken the work over. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Takes ids, codes and numbers; texts with white space and messages of unknown errors are left out. */
  readonly logger: Logger;
  /** The id of a resource that the event leads to; `role` tells the resources apart. Another key than the event's may be given. */
  readonly id: (role: string, key?: string) => string;
  /**
   * Writes resources, by role, all or none, under ids that follow from the key (the event's when left out). What is there
   * already is left as it is, so that a second run changes nothing.
   */
  readonly writeOnce: (
    resources: Readonly<Record<string, Resource>>,
    key?: string,
  ) => Promise<'written' | 'unchanged'>;
  /** Shows in a Task how far the work is. From then on it survives a crash: what stands still is begun again. */
  readonly step: (words: string) => Promise<void>;
  /** How often a bot that keeps a Task of its own has to write it while it works, so that nobody takes the work over. */
  readonly renewEveryMs: number;
  /** For the calls of stages: what they did is shown in the Task of this event, where there is one. */
  readonly onRun: (run: StageRun) => void;
  /** For bots that keep a Task of their own: the work would survive a crash from now on. */
  readonly recorded: () => void;
}

export interface BotContext<Prepared = undefined> extends Foundation {
  readonly prepared: Prepared;
}
