/** Which providers answer each stage, within which limits, and what may leave the clinic. Documented in docs/configuration.md of the server. */
import { readFileSync } from 'node:fs';
import { isTimeZone } from '../orchestrator/budget/day.ts';
import { loadPrices, NO_PRICES, type PriceTable } from '../orchestrator/budget/prices.ts';
import type { Budgets } from '../orchestrator/budget/ledger.ts';
import type { CacheSettings } from '../orchestrator/cache/index.ts';
import type { Limits } from '../orchestrator/guard.ts';
import type { Party } from '../orchestrator/provider.ts';
import { readSettings, type SettingsReader } from '../sdk/settings.ts';
import type { StageName } from './catalogue.ts';

export interface PipelineSettings {
  /** Short names of providers per stage, in order of preference. */
  readonly order: Readonly<Record<StageName, readonly string[]>>;
  readonly limits: Limits;
  readonly transcribeTimeoutMs: number;
  /** Whose texts go without identifiers. */
  readonly redactFor: ReadonlySet<Party>;
  readonly cache: CacheSettings;
  readonly redisUrl?: string;
  readonly prices: PriceTable;
  readonly budgets: Budgets;
}

const REDACT: Readonly<Record<string, readonly Party[]>> = {
  'third-party': ['third-party'],
  all: ['third-party', 'clinic'],
  none: [],
};

/** Throws SettingsError with every fault at once. */
export function pipelineSettings(env: NodeJS.ProcessEnv): PipelineSettings {
  const read = readSettings(env);
  const { text, whole, list, fault } = read;
  const secret = secretReader(env, fault);
  const cacheSecret = secret('AI_CACHE_SECRET');
  if (cacheSecret !== '' && cacheSecret.length < 32)
    fault('AI_CACHE_SECRET must have at least 32 characters');
  const redisUrl = secret('REDIS_URL');
  const redact = REDACT[text('AI_REDACT', 'third-party')];
  if (redact === undefined) fault('AI_REDACT must be third-party, all or none');
  const settings: PipelineSettings = {
    // Nothing leaves the machine unless the operator names who gets it: a key alone is not enough.
    order: {
      transcribe: list('AI_TRANSCRIBE_PROVIDERS', 'whisper,pocketsphinx'),
      draft: list('AI_DRAFT_PROVIDERS', 'embedded'),
      extract: list('AI_EXTRACT_PROVIDERS', 'embedded'),
      code: list('AI_CODE_PROVIDERS', 'embedded'),
      summarise: list('AI_SUMMARISE_PROVIDERS', 'embedded'),
    },
    limits: {
      timeoutMs: whole('AI_TIMEOUT_MS', 120_000, 10, 3_600_000),
      concurrency: whole('AI_CONCURRENCY', 4, 1, 1_000),
      queueMax: 1_000,
      retries: whole('AI_RETRIES', 2, 0, 10),
      retryDelayMs: 500,
      retryDelayMaxMs: 30_000,
      failuresUntilOpen: whole('AI_BREAKER_FAILURES', 5, 1, 1_000),
      restMs: whole('AI_BREAKER_REST_MS', 30_000, 1, 600_000),
    },
    transcribeTimeoutMs: whole('BOT_TRANSCRIBE_TIMEOUT_MS', 30 * 60_000, 1_000, 24 * 3_600_000),
    redactFor: new Set(redact),
    cache: {
      bytesMax: whole('AI_CACHE_BYTES_MAX', 64 * 1024 * 1024, 0, 2 ** 34),
      ttlMs: whole('AI_CACHE_TTL_MS', 24 * 3_600_000, 1_000, 30 * 24 * 3_600_000),
      ...(cacheSecret === '' ? {} : { secret: cacheSecret }),
    },
    ...(redisUrl === '' ? {} : { redisUrl }),
    prices: pricesOf(env['AI_PRICES_FILE'] ?? '', fault),
    budgets: budgetsOf(env, read),
  };
  checkBudgets(settings, fault);
  read.check();
  return settings;
}

/** A secret from the environment, or from the file that `<name>_FILE` names. */
function secretReader(env: NodeJS.ProcessEnv, fault: SettingsReader['fault']): (name: string) => string {
  return (name) => {
    const file = env[`${name}_FILE`] ?? '';
    const value = env[name] ?? '';
    if (file === '') return value;
    if (value !== '') fault(`${name} and ${name}_FILE are both set`);
    try {
      return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
    } catch {
      fault(`${name}_FILE cannot be read`);
      return value;
    }
  };
}

function pricesOf(file: string, fault: SettingsReader['fault']): PriceTable {
  if (file === '') return NO_PRICES;
  try {
    return loadPrices(file);
  } catch (error) {
    fault(`AI_PRICES_FILE cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    return NO_PRICES;
  }
}

function budgetsOf(env: NodeJS.ProcessEnv, { text, list, fault }: SettingsReader): Budgets {
  const amount = (name: string, value: string): number => {
    const number = Number(value);
    if (value === '' || !Number.isFinite(number) || number < 0) fault(`${name} must be an amount of money`);
    return number;
  };
  const total = env['AI_BUDGET_PER_DAY'] ?? '';
  const timeZone = text('AI_BUDGET_TIME_ZONE', 'UTC');
  if (!isTimeZone(timeZone)) fault('AI_BUDGET_TIME_ZONE is no time zone, e.g. America/New_York');
  const perProvider = list('AI_PROVIDER_BUDGETS_PER_DAY', '').map((entry): [string, number] => {
    const [name = '', value = ''] = entry.split('=').map((part) => part.trim());
    return [name, amount('AI_PROVIDER_BUDGETS_PER_DAY', value)];
  });
  return {
    ...(total === '' ? {} : { total: amount('AI_BUDGET_PER_DAY', total) }),
    perProvider: Object.fromEntries(perProvider),
    timeZone,
  };
}

/** A budget over something without a price would never be used up. */
function checkBudgets({ prices, budgets }: PipelineSettings, fault: SettingsReader['fault']): void {
  const priced = new Set(prices.prices.map((p) => p.provider));
  if (budgets.total !== undefined && priced.size === 0)
    fault('AI_BUDGET_PER_DAY needs prices (AI_PRICES_FILE)');
  for (const name of Object.keys(budgets.perProvider))
    if (!priced.has(name))
      fault(`AI_PROVIDER_BUDGETS_PER_DAY names ${name}, which has no price in AI_PRICES_FILE`);
}
