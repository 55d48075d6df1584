/**
 * Tests a handler without a server. Each event is handled twice, as a lost answer would have it, and the second time must
 * write nothing; whatever the handler touches must be within its scopes. The limits are those of testing/memory-fhir.ts.
 */
import type { Resource } from '@medplum/fhirtypes';
import { HttpFailure } from '../runtime/http-failure.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Bot, OpenBot, Outcome } from './bot.ts';
import { resourceEvent, tickEvent, type BotEvent } from './event.ts';
import { PermanentFault } from './permanent-fault.ts';
import { runEvent } from './run-event.ts';
import { createMemoryFhir, type MemoryFhir } from './testing/memory-fhir.ts';

export interface HarnessOptions {
  /** What is stored before. */
  readonly resources?: readonly Resource[];
  /** What the clock of the bot shows until it is set. */
  readonly now?: string;
  /** How many resources a search includes at most; the server has such a limit too. All when left out. */
  readonly includesMax?: number;
  /** The settings that the bot reads. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Run {
  readonly outcome: Outcome | 'failed';
  /** Current versions of what the first run wrote. */
  readonly written: readonly Resource[];
}

export interface Harness {
  readonly bot: OpenBot;
  /** Stores a resource as somebody else would, and gives the version to the bot. Throws when it breaks a promise. */
  readonly deliver: (resource: Resource) => Promise<Run>;
  /** Wakes the bot at a moment of its timetable (the first one). The clock is set to it. */
  readonly tick: (at: string) => Promise<Run>;
  readonly put: (resource: Resource) => Resource;
  readonly setNow: (now: string) => void;
  /** The current versions of a type. */
  readonly stored: <T extends Resource['resourceType']>(type: T) => Extract<Resource, { resourceType: T }>[];
}

export function createHarness(bot: Bot, options: HarnessOptions = {}): Harness {
  let now = new Date(options.now ?? '2026-01-01T12:00:00Z');
  const clock = (): Date => now;
  const memory = createMemoryFhir(clock, options.includesMax);
  for (const resource of options.resources ?? []) memory.put(resource);
  const opened = bot.open(options.env ?? {});
  const run = (event: BotEvent): Promise<Run> => runTwice(opened, event, memory, clock);
  return {
    bot: opened,
    deliver(resource) {
      const event = resourceEvent(memory.put(resource));
      if (event === undefined) throw new Error('the resource has no id');
      return run(event);
    },
    tick(at) {
      now = new Date(at);
      const cron = opened.triggers.find((trigger) => 'cron' in trigger)?.cron;
      if (cron === undefined) throw new Error(`${bot.name} has no timetable`);
      return run(tickEvent(now, cron));
    },
    put: memory.put,
    setNow: (text) => void (now = new Date(text)),
    stored: <T extends Resource['resourceType']>(type: T) =>
      memory.all().filter((r): r is Extract<Resource, { resourceType: T }> => r.resourceType === type),
  };
}

async function runTwice(bot: OpenBot, event: BotEvent, memory: MemoryFhir, now: () => Date): Promise<Run> {
  const faults: unknown[] = [];
  const surroundings = {
    fhir: memory.api(bot.scopes),
    logger: { ...silent, error: (fields: unknown) => void faults.push((fields as { err?: unknown }).err) },
    signal: new AbortController().signal,
    now,
    onStep: () => Promise.resolve(),
  };
  const before = memory.writes.length;
  const outcome = await runEvent(bot, event, surroundings).finally(() => checkRun(bot, faults, memory));
  const first = memory.writes.slice(before);
  await runEvent(bot, event, surroundings);
  const again = memory.writes.slice(before + first.length);
  if (again.length > 0) throw new Error(`a second run of ${event.key} wrote again: ${again.join(', ')}`);
  checkRun(bot, faults, memory);
  const names = new Set(first.map((write) => write.replace('PUT ', '')));
  const written = memory.all().filter((r) => names.has(`${r.resourceType}/${r.id ?? ''}`));
  return { outcome, written };
}

/** A fault of the handler's own would only be a failed Task in production: a test wants to see it. */
function checkRun(bot: OpenBot, faults: readonly unknown[], { violations }: MemoryFhir): void {
  if (violations.length > 0)
    throw new Error(`${bot.name} tried what its scopes do not allow: ${violations.join(', ')}`);
  const unexpected = faults.find((f) => !(f instanceof PermanentFault) && !(f instanceof HttpFailure)) as
    Error | undefined;
  if (unexpected !== undefined)
    throw new Error(`${bot.name} met an unexpected fault: ${unexpected.message}`, { cause: unexpected });
}

const nothing = (): void => undefined;
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing };
