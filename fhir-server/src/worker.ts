/** The worker process: turns events into deliveries and sends them, indexes anew, exports in bulk and tidies the index. Any number of copies may run. */
import { createAuditLog, NO_AUDIT, startSealing } from './audit/index.ts';
import { loadPrincipalFor, loadRequester } from './auth/index.ts';
import { openBucket } from './bucket/index.ts';
import { openExports, startBulk } from './bulk/index.ts';
import { checkMigrated, createPool, isReachable, noteAuthors, type Pool, SchemaError } from './db/index.ts';
import { createEgress } from './egress/index.ts';
import { NO_PROFILES, type Server } from './interaction/index.ts';
import { type Config, ConfigError, loadConfig } from './platform/config.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import {
  countConnections,
  createMetrics,
  type MetricsServer,
  type Registry,
  serveMetrics,
} from './platform/metrics.ts';
import { onStopSignal } from './platform/stop-signals.ts';
import { startTracing } from './platform/tracing.ts';
import { connectRedis } from './redis/index.ts';
import { createRegistry, followParameters, startReindex, startUpkeep } from './reindex/index.ts';
import { createAppointmentRule, startReleasingHolds } from './scheduling/index.ts';
import { createEventSignal, createResourceTables, openBinaries, startBinaryUpkeep } from './storage/index.ts';
import { createDeliveryMetrics, createMarkInError, startDelivery } from './subscription/index.ts';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const tracing = await startTracing(process.env, 'dr-assistant-worker');
  const logger = createLogger('worker', config.logLevel);
  const pool = createPool(config);
  await checkMigrated(pool);
  // It reads nothing there, but those whom it notifies do.
  if (config.replica) noteAuthors(pool);
  const registry = createRegistry();
  const settings = config.reindex;
  const parameters = followParameters(registry, { pool, logger, settings, searches: false });
  const bucket = config.content.bucket && (await openBucket(config.content.bucket));
  const server: Server = {
    config,
    pool,
    reader: pool,
    registry,
    tables: createResourceTables(pool, registry),
    binaries: openBinaries(config, bucket),
    signalEvents: createEventSignal(pool),
    operations: new Map(),
    profiles: NO_PROFILES,
    audit: NO_AUDIT,
    writeRules: {},
  };
  // An export searches: it must know what is indexed, while those who index anew write everything.
  const searched = createRegistry();
  const searchable = followParameters(searched, { pool, logger, settings, searches: true });
  await Promise.all([parameters.start(), searchable.start()]);
  const egress = createEgress({
    ...config.egress,
    allowPrivate: config.subscription.allowPrivate,
    tls: config.subscription.tls,
    logger,
  });
  const searching = { ...server, registry: searched, tables: createResourceTables(pool, searched) };
  const metrics = createMetrics();
  countConnections(metrics, pool);
  const redis =
    config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, config.issuer, logger);
  const audit = createAuditLog({ pool, logger, settings: config.audit });
  const delivery = startDelivery({
    audit,
    pool,
    config,
    registry,
    egress,
    logger,
    metrics: createDeliveryMetrics(metrics, { pool, logger }),
    loadPrincipal: ({ scopes, ...owner }, db = pool) =>
      scopes === undefined
        ? loadPrincipalFor(db, owner)
        : loadRequester(db, { ...owner, scopes }, { registry, baseUrl: config.fhirBase }),
    markInError: createMarkInError(server),
    server: searching,
    redis,
  });
  const reindex = startReindex({
    pool,
    registry,
    tables: server.tables,
    baseUrl: config.fhirBase,
    settings,
    load: () => parameters.load(),
    logger,
  });
  const sealing = startSealing({
    pool,
    registry,
    tables: server.tables,
    server: config,
    settings: config.audit,
    logger,
  });
  const bulk = startBulk({
    server: searching,
    folder: openExports(config, bucket),
    loadRequester: (requester) =>
      loadRequester(pool, requester, { registry: searched, baseUrl: config.fhirBase }),
    logger,
  });
  const upkeep = startUpkeep({ pool, settings, logger });
  const contents = startBinaryUpkeep({ pool, store: server.binaries, settings: config.content, logger });
  const appointments = createAppointmentRule({ registry, tables: server.tables, baseUrl: config.fhirBase });
  const holds = startReleasingHolds(
    { ...server, writeRules: { Appointment: appointments } },
    config.scheduling.releaseEveryMs,
    logger,
  );
  const figures = await tell(config, metrics, pool, logger);
  logger.info(figures && { port: figures.port }, 'worker started');
  onStopSignal(async () => {
    logger.info('stopping: deliveries under way are finished');
    await Promise.all([
      delivery.stop(config.drain.workerMs),
      reindex.stop(),
      upkeep.stop(),
      contents.stop(),
      holds.stop(),
      sealing.stop(),
      bulk.stop(),
      parameters.stop(),
      searchable.stop(),
    ]);
    await audit.close();
    await figures?.close();
    bucket?.close();
    redis?.close();
    await egress.close();
    await pool.end();
    await tracing?.shutdown();
  });
}

async function tell(
  { worker }: Config,
  metrics: Registry,
  pool: Pool,
  logger: Logger,
): Promise<MetricsServer | undefined> {
  const { host, port } = worker;
  if (port === undefined) return undefined;
  return serveMetrics(metrics, { host, port, isReady: () => isReachable(pool), logger });
}

main().catch((error: unknown) => {
  createLogger('worker', 'info').fatal(
    { err: error },
    error instanceof ConfigError || error instanceof SchemaError ? error.message : 'worker not started',
  );
  process.exit(1);
});
