/** The five stages of a visit, each with its providers in order: transcribe, draft, extract, code, summarise. */
import type { Registry } from 'prom-client';
import { createLedger, type Ledger } from '../orchestrator/budget/ledger.ts';
import { createSpending } from '../orchestrator/budget/spending.ts';
import { createCache } from '../orchestrator/cache/index.ts';
import type { ProviderHealth } from '../orchestrator/health.ts';
import type { Provider } from '../orchestrator/provider.ts';
import { connectRedis } from '../orchestrator/shared-store.ts';
import { createStage, type Checked, type Stage } from '../orchestrator/stage.ts';
import { createGauges, createMetrics } from '../orchestrator/telemetry/metrics.ts';
import type {
  CodeProvider,
  DraftProvider,
  ExtractProvider,
  SummariseProvider,
  TranscribeProvider,
} from '../provider/stages.ts';
import { textProvider } from '../provider/transcribe/index.ts';
import { checkSummary } from './check-summary.ts';
import { checkCode, checkDraft, checkExtract } from './checks.ts';
import type { Providers } from '../provider/index.ts';
import { candidatesOf, type StageName } from './providers.ts';
import type { PipelineSettings } from './settings.ts';

type StageOf<P> = P extends Provider<infer Input, infer Output> ? Stage<Input, Output> : never;

export interface Pipeline {
  readonly transcribe: StageOf<TranscribeProvider>;
  readonly draft: StageOf<DraftProvider>;
  readonly extract: StageOf<ExtractProvider>;
  readonly code: StageOf<CodeProvider>;
  readonly summarise: StageOf<SummariseProvider>;
  /** State, last failure and latency of each provider of each stage. */
  health(): readonly ProviderHealth[];
  /** What is left of the budgets of the day. */
  budgets(): ReturnType<Ledger['left']>;
  close(): void;
}

export interface PipelineDeps {
  /** All that are configured; only those that the order names are asked. */
  readonly providers: Providers;
  /** Where metrics are registered; a registry takes one pipeline. */
  readonly registry: Registry;
  readonly logger: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
}

const TEXT = 'written-transcript';

/** Throws a SettingsError when the settings name a provider that is not in the providers. */
export function createPipeline(settings: PipelineSettings, deps: PipelineDeps): Pipeline {
  const { providers, registry, logger } = deps;
  const { order, limits, prices } = settings;
  const store = settings.redisUrl === undefined ? undefined : connectRedis(settings.redisUrl, logger);
  if (store !== undefined && settings.cache.secret === undefined)
    logger.info({}, 'answers are cached in this process only: AI_CACHE_SECRET is not set');
  const ledger = createLedger(prices, settings.budgets, createSpending(store));
  const metrics = createMetrics(registry, prices.currency);
  const cache = createCache(settings.cache, store);
  const shared = {
    ...(cache === undefined ? {} : { cache }),
    ledger,
    metrics,
    log: logger,
  };
  const stage = <Input, Output>(
    name: StageName,
    configured: ReadonlyMap<string, Provider<Input, Output>>,
    check: (input: Input, output: Output, provider: Provider<Input, Output>) => Checked<Output>,
  ): Stage<Input, Output> =>
    createStage(name, candidatesOf(name, configured, order[name]), {
      ...shared,
      redactFor: settings.redactFor,
      limits,
      check,
    });

  const stages = {
    // What is text already needs no recogniser, whatever the order says. Sound cannot be freed of identifiers.
    transcribe: createStage(
      'transcribe',
      [
        { key: TEXT, provider: textProvider },
        ...candidatesOf(
          'transcribe',
          providers.transcribe,
          order.transcribe.filter((name) => name !== TEXT),
        ),
      ],
      { ...shared, limits: { ...limits, timeoutMs: settings.transcribeTimeoutMs } },
    ),
    draft: stage('draft', providers.draft, checkDraft),
    extract: stage('extract', providers.extract, checkExtract),
    code: stage('code', providers.code, checkCode),
    summarise: stage('summarise', providers.summarise, checkSummary),
  };
  const health = (): ProviderHealth[] => Object.values(stages).flatMap((s) => s.health());
  createGauges(registry, { breakers: health, budgets: () => ledger.left() }, prices.currency);
  return { ...stages, health, budgets: () => ledger.left(), close: () => store?.close() };
}
