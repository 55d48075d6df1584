/** Starts the bots that are asked for, each with its own client, key and rights, behind one port. */
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SettingsError } from '../sdk/index.ts';
import { createTokenSource } from './access-token.ts';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { createFhirApi } from './fhir-api.ts';
import { createReceiver } from './hook-receiver.ts';
import { loadIdentity } from './identity.ts';
import { loadBots } from './load-bots.ts';
import { createLogger, type Logger } from './logger.ts';
import { registry } from './metrics.ts';
import { runBot, type RunningBot } from './run-bot.ts';
import { runningPipeline } from './shared-pipeline.ts';
import { startTracing } from './tracing.ts';

/** A second signal within this time is the first one once more. */
const SAME_SIGNAL_MS = 500;
/** For what was cut off to clean up behind itself: temporary folders, objects in a bucket. */
const CLEAN_UP_MS = 3_000;
const TRACES_MS = 2_000;

/** Nothing as long as no bot uses the pipeline. */
async function providersNow(): Promise<unknown> {
  const pipeline = runningPipeline();
  return { providers: pipeline?.health() ?? [], budgets: (await pipeline?.budgets()) ?? [] };
}

async function listen(config: Config, logger: Logger, bots: readonly RunningBot[]): Promise<Server> {
  const app = createReceiver({
    hooks: Object.fromEntries(bots.map((bot) => [bot.name, bot.hook])),
    bodySizeMaxBytes: config.bodySizeMaxBytes,
    logger,
    metrics: registry,
    providers: providersNow,
  });
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, config.host, resolve);
  });
  logger.info({ host: config.host, port: config.port, bots: bots.map((b) => b.name) }, 'bots listening');
  return server;
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config.logLevel);
  const tracing = startTracing(process.env);
  const stopping = new AbortController();
  const cut = new AbortController();
  const { fhirBase } = config;
  const opened = await loadBots(config, process.env);
  const withKeys = opened.map((bot) => ({ bot, ...loadIdentity(config, bot.name) }));
  const bots = withKeys.map(({ bot, clientId, privateKey }) => {
    const tokens = createTokenSource({ fhirBase, clientId, privateKey, scope: bot.scopes.join(' ') });
    const api = createFhirApi(fhirBase, tokens, logger);
    return runBot(bot, { config, api, logger, stopping: stopping.signal, cut: cut.signal });
  });
  const server = await listen(config, logger, bots);

  let stoppedAt = 0;
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) {
      if (performance.now() - stoppedAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppedAt = performance.now();
    logger.info('stopping: work under way is finished');
    stopping.abort();
    server.close();
    const drained = Promise.all(bots.map((bot) => bot.drain()));
    await Promise.race([drained, sleep(config.drainMs)]);
    cut.abort(new Error('the bots are stopping'));
    await Promise.race([drained, sleep(CLEAN_UP_MS)]);
    server.closeAllConnections();
    runningPipeline()?.close();
    await Promise.race([tracing?.shutdown(), sleep(TRACES_MS)]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  await Promise.all(bots.map((bot) => bot.finished));
}

try {
  await main();
} catch (error) {
  const isOurs = error instanceof ConfigError || error instanceof SettingsError;
  createLogger('info').fatal({ err: error }, isOurs ? error.message : 'bots not started');
  process.exit(1);
}
