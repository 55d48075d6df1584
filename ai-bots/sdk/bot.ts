/** A bot as its author declares it: what wakes it, what it may do, what it does. */
import type { Resource } from '@medplum/fhirtypes';
import { Cron } from 'croner';
import type { BotContext, Foundation } from './context.ts';
import type { BotEvent } from './event.ts';
import { allows, parseScope, type Interaction } from './scope.ts';

type ResourceType = Resource['resourceType'];

/** Each write of a resource that fits wakes the bot, by a Subscription. */
export interface ResourceTrigger {
  /** A search, e.g. `Encounter?status=planned`. */
  readonly criteria: string;
  /** Tells the bot's Subscriptions apart; the type in lower case when left out. */
  readonly id?: string;
  /** Why, in words for whoever reads the Subscription; the bot's description when left out. */
  readonly reason?: string;
}

/** Each moment of the timetable wakes the bot once, however many processes run it. */
export interface CronTrigger {
  /** Five fields, or six with seconds. */
  readonly cron: string;
  /** IANA name; UTC when left out. */
  readonly timeZone?: string;
}

export type Trigger = ResourceTrigger | CronTrigger;

/** `ignored`: nothing to do for this event. */
export type Outcome = 'done' | 'ignored';

export interface BotDefinition<Prepared> {
  /** Client id, prefix of the Subscriptions, name of the key file: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly description: string;
  readonly triggers: readonly Trigger[] | ((prepared: Prepared) => readonly Trigger[]);
  /** All that the bot may do: SMART v2 system scopes, each of which its client must be registered for. */
  readonly scopes: readonly string[];
  /** What it reads and writes, for whoever grants the scopes; each type must be allowed by them. */
  readonly reads: readonly ResourceType[];
  readonly writes: readonly ResourceType[];
  /** Reads the bot's own settings, once, before anything runs. Throws an Error in words when one is wrong. */
  prepare?(env: NodeJS.ProcessEnv): Prepared;
  /** Must end in the same state however often it runs for an event. Throws PermanentFault when another attempt is useless. */
  handle(event: BotEvent, context: BotContext<Prepared>): Promise<Outcome | void>;
}

export interface Bot {
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  /** Throws what `prepare` throws, and BotFault for a trigger that cannot work. */
  open(env: NodeJS.ProcessEnv): OpenBot;
}

/** A bot with its settings read. */
export interface OpenBot {
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly triggers: readonly Trigger[];
  handle(event: BotEvent, foundation: Foundation): Promise<Outcome | void>;
}

/** A definition that cannot work, with all that is wrong. */
export class BotFault extends Error {
  constructor(name: string, faults: readonly string[]) {
    super(`bot ${name}: ${faults.join('; ')}`);
    this.name = 'BotFault';
  }
}

/** Checks the definition. Throws BotFault. */
export function defineBot<Prepared = undefined>(definition: BotDefinition<Prepared>): Bot {
  const { name, description, scopes } = definition;
  const faults = definitionFaults(definition);
  if (faults.length > 0) throw new BotFault(name, faults);
  return {
    name,
    description,
    scopes,
    open(env) {
      // A bot without settings of its own has no `prepare`, and its type says that it gets none.
      const prepared = definition.prepare?.(env) as Prepared;
      const { triggers: declared } = definition;
      const triggers = typeof declared === 'function' ? declared(prepared) : declared;
      const wrong = triggers.flatMap((trigger) => triggerFaults(trigger, scopes));
      if (triggers.length === 0) wrong.push('nothing wakes it');
      if (wrong.length > 0) throw new BotFault(name, wrong);
      const handle: OpenBot['handle'] = (event, foundation) =>
        definition.handle(event, { ...foundation, prepared });
      return { name, description, scopes, triggers, handle };
    },
  };
}

function definitionFaults<Prepared>(definition: BotDefinition<Prepared>): string[] {
  const { name, scopes, reads, writes } = definition;
  const isAllowed = (type: string, ...any: Interaction[]): boolean =>
    any.some((interaction) => allows(scopes, interaction, type));
  return [
    ...(/^[a-z][a-z0-9-]{0,40}$/.test(name) ? [] : ['its name is not in lower-case letters and hyphens']),
    ...scopes.filter((s) => parseScope(s) === undefined).map((s) => `${s} is not a system scope of SMART v2`),
    ...reads.filter((type) => !isAllowed(type, 'r', 's')).map((type) => `no scope lets it read ${type}`),
    // A PUT is an update to the server, also where it creates.
    ...writes.filter((type) => !isAllowed(type, 'u')).map((type) => `no scope lets it write ${type}`),
    // Faults, progress and turns are kept in Tasks.
    ...(['c', 'r', 'u', 's'] as const)
      .filter((interaction) => !allows(scopes, interaction, 'Task'))
      .map((interaction) => `it needs system/Task.crus, and ${interaction} is missing`),
  ];
}

function triggerFaults(trigger: Trigger, scopes: readonly string[]): string[] {
  if ('cron' in trigger) {
    try {
      new Cron(trigger.cron, { timezone: trigger.timeZone ?? 'UTC', paused: true }).stop();
      return [];
    } catch {
      return [`"${trigger.cron}" in ${trigger.timeZone ?? 'UTC'} is no timetable`];
    }
  }
  const [type = ''] = trigger.criteria.split('?');
  const missing = [
    // The server delivers what the subscriber may read and search.
    ...(['r', 's'] as const).filter((i) => !allows(scopes, i, type)).map((i) => `system/${type}.${i}`),
    ...(['c', 'u'] as const)
      .filter((i) => !allows(scopes, i, 'Subscription'))
      .map((i) => `system/Subscription.${i}`),
  ];
  return missing.map((scope) => `${trigger.criteria} needs ${scope}`);
}
