/** Starts all bots: registers their Subscriptions, receives notifications, resumes what a crash left unfinished. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExponentialBackoff, handleAll, retry } from 'cockatiel';
import { Registry } from 'prom-client';
import {
  createVisitScribe,
  visitScribeScope,
  visitScribeSubscriptions,
  type VisitScribe,
} from '../bot/visit-scribe/index.ts';
import { createPipeline } from '../pipeline/index.ts';
import { localProviders } from '../pipeline/providers.ts';
import { pipelineSettings, SettingsError } from '../pipeline/settings.ts';
import { createTokenSource } from './access-token.ts';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { createFhirApi, type FhirApi } from './fhir-api.ts';
import { createReceiver } from './hook-receiver.ts';
import { createLogger, type Logger } from './logger.ts';
import { registerSubscriptions } from './registration.ts';
import { startTracing } from './tracing.ts';

const HOOK = 'visit-scribe';
const DRAIN_MS = 20_000;
const TRACES_MS = 2_000;
const REGISTER_DELAY_MAX_MS = 10_000;

/** The server may come up later than the bots, and a refusal may be mended meanwhile: tried until it works. */
async function register(config: Config, api: FhirApi, logger: Logger, signal: AbortSignal): Promise<void> {
  const policy = retry(handleAll, {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ initialDelay: 500, maxDelay: REGISTER_DELAY_MAX_MS }),
  });
  policy.onRetry(({ attempt, ...reason }) => {
    logger.warn(
      { attempt, err: 'error' in reason ? reason.error : undefined },
      'subscriptions not registered yet',
    );
  });
  const endpoint = `${config.publicUrl}/hooks/${HOOK}`;
  await policy.execute(
    () => registerSubscriptions(api, visitScribeSubscriptions, endpoint, config.subscriptionSecret),
    signal,
  );
  logger.info(
    { subscriptions: visitScribeSubscriptions.map((s) => s.id), endpoint },
    'subscriptions registered',
  );
}

/** Looks for unfinished jobs until the signal aborts. */
async function resumeLoop(
  bot: VisitScribe,
  everyMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await bot
      .resume(everyMs)
      .catch((error: unknown) => logger.warn({ err: error }, 'unfinished jobs not read'));
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config.logLevel);
  const tracing = startTracing(process.env);
  const stopping = new AbortController();
  const cut = new AbortController();
  const tokens = createTokenSource({ ...config, scope: visitScribeScope });
  const api = createFhirApi(config.fhirBase, tokens);
  const pipeline = createPipeline(pipelineSettings(process.env), {
    providers: localProviders(config),
    registry: new Registry(),
    logger,
  });
  const { contentSizeMaxBytes, answerAfterMs } = config;
  const bot = createVisitScribe(
    { api, pipeline, contentSizeMaxBytes, logger },
    { answerAfterMs, signal: cut.signal },
  );
  let isRegistered = false;
  const app = createReceiver({
    isReady: () => isRegistered,
    handlers: { [HOOK]: (resource) => bot.handle(resource) },
    secret: config.subscriptionSecret,
    bodySizeMaxBytes: config.bodySizeMaxBytes,
    logger,
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
  });
  logger.info({ host: config.host, port: config.port }, 'bots listening');

  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    logger.info('stopping: jobs under way are finished');
    stopping.abort();
    server.close();
    await Promise.race([bot.drain(), sleep(DRAIN_MS)]);
    cut.abort(new Error('the bots are stopping'));
    server.closeAllConnections();
    await Promise.race([tracing?.shutdown(), sleep(TRACES_MS)]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

  await register(config, api, logger, stopping.signal);
  isRegistered = true;
  await resumeLoop(bot, config.resumeEveryMs, logger, stopping.signal);
}

try {
  await main();
} catch (error) {
  createLogger('info').fatal(
    { err: error },
    error instanceof ConfigError || error instanceof SettingsError ? error.message : 'bots not started',
  );
  process.exit(1);
}
