/** Keeps one bot going: its Subscriptions registered, its timetable kept, its unfinished work resumed, until told to stop. */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import {
  HttpFailure,
  type CronTrigger,
  type FhirApi,
  type OpenBot,
  type ResourceTrigger,
} from '../sdk/index.ts';
import type { Config } from './config.ts';
import { keepTimetable } from './cron/keep-timetable.ts';
import { mayPrune } from './cron/prune.ts';
import type { Hook } from './hook-receiver.ts';
import { createHost, type Host } from './host.ts';
import type { Logger } from './logger.ts';
import { lastTick, ready } from './metrics.ts';
import { registerSubscriptions, type Wanted } from './registration.ts';

const REGISTER_DELAY_MAX_MS = 10_000;
const DAY_MS = 24 * 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;

export interface RunningBot {
  readonly name: string;
  readonly hook: Hook;
  /** Resolves when the signal given to `runBot` aborts. Faults of the server are waited out. */
  readonly finished: Promise<void>;
  /** Waits for the work under way. */
  drain(): Promise<void>;
}

export interface RunOptions {
  readonly config: Config;
  readonly api: FhirApi;
  readonly logger: Logger;
  /** No new work. */
  readonly stopping: AbortSignal;
  /** No more work. */
  readonly cut: AbortSignal;
}

export function runBot(bot: OpenBot, options: RunOptions): RunningBot {
  const { config, api, logger } = options;
  const host = createHost(bot, { ...config, api, logger, signal: options.cut });
  const secret = secretOf(config.subscriptionSecret, bot.name);
  let isReady = false;
  ready.set({ bot: bot.name }, 0);
  const run = async (): Promise<void> => {
    try {
      await register(bot, secret, options);
    } catch (error) {
      if (options.stopping.aborted) return;
      throw error;
    }
    isReady = true;
    ready.set({ bot: bot.name }, 1);
    await Promise.all([keepTicks(bot, host, options), resumeLoop(bot, host, options)]);
  };
  const finished = run();
  return {
    name: bot.name,
    hook: { handle: (resource) => host.handle(resource), secret, isReady: () => isReady },
    finished,
    async drain() {
      await Promise.allSettled([host.drain(), finished]);
    },
  };
}

/** A secret for each bot: who reads the Subscription of one cannot sign notifications to another. */
const secretOf = (secret: string, bot: string): string =>
  createHmac('sha256', secret).update(`hook of ${bot}`).digest('hex');

/** Logical ids are `<bot>-<id of the trigger>`, or the type that it is about. */
export function wantedSubscriptions(bot: OpenBot): Wanted[] {
  return bot.triggers
    .filter((trigger): trigger is ResourceTrigger => 'criteria' in trigger)
    .map(({ criteria, id, reason }) => ({
      id: `${bot.name}-${id ?? (criteria.split('?')[0] ?? '').toLowerCase()}`,
      reason: reason ?? bot.description,
      criteria,
    }));
}

/** The server may come up later than the bots, and a refusal may be mended meanwhile: tried until it works. */
async function register(
  bot: OpenBot,
  secret: string,
  { config, api, logger, stopping }: RunOptions,
): Promise<void> {
  const policy = retry(handleAll, {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ initialDelay: 500, maxDelay: REGISTER_DELAY_MAX_MS }),
  });
  policy.onRetry(({ attempt, ...reason }) => {
    const err = 'error' in reason ? reason.error : undefined;
    const why = err instanceof HttpFailure ? err.message : undefined;
    logger.warn({ bot: bot.name, attempt, why, err }, 'subscriptions not registered yet');
  });
  const wanted = wantedSubscriptions(bot);
  const endpoint = `${config.publicUrl}/hooks/${bot.name}`;
  await policy.execute(async () => {
    // A bot with nothing but a timetable shows by a read that it has a token and its rights.
    if (wanted.length === 0) await api.search('Task', { _id: 'none', _count: '1' });
    await registerSubscriptions(api, wanted, endpoint, secret);
  }, stopping);
  logger.info(
    { bot: bot.name, subscriptions: wanted.map((s) => s.id), endpoint },
    'subscriptions registered',
  );
}

function keepTicks(
  bot: OpenBot,
  host: Host,
  { config, api, logger, stopping, cut }: RunOptions,
): Promise<void> {
  const triggers = bot.triggers.filter((trigger): trigger is CronTrigger => 'cron' in trigger);
  const { leaseMs, tickKeepDays } = config;
  const now = (): Date => new Date();
  return keepTimetable(
    {
      bot,
      triggers,
      api,
      logger,
      leaseMs,
      ...(mayPrune(bot.scopes) ? { prune: { keepMs: tickKeepDays * DAY_MS, everyMs: PRUNE_EVERY_MS } } : {}),
      now,
      cut,
      async run(event, signal, shown) {
        await host.tick(event, signal, shown);
        lastTick.set({ bot: bot.name }, event.at.getTime() / 1_000);
      },
    },
    stopping,
  );
}

async function resumeLoop(bot: OpenBot, host: Host, { config, logger, stopping }: RunOptions): Promise<void> {
  const everyMs = config.resumeEveryMs;
  while (!stopping.aborted) {
    await host
      .resume(everyMs)
      .catch((error: unknown) => logger.warn({ bot: bot.name, err: error }, 'unfinished work not read'));
    await sleep(everyMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
