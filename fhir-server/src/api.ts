/** The api process: FHIR, OAuth and the apps over HTTP. Stateless; any number of copies may run. */
import type { Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RELATED_TYPES } from './access/index.ts';
import { createAdmin } from './admin/index.ts';
import { createAuditLog } from './audit/index.ts';
import { createAuth, loadPrincipalFor, loadRequester, type TokenRights } from './auth/index.ts';
import { openBucket } from './bucket/index.ts';
import { openExports } from './bulk/index.ts';
import { checkMigrated, createPool, isReachable, Lane, type Pool, Replica, SchemaError } from './db/index.ts';
import { createEgress } from './egress/index.ts';
import {
  createAdmission,
  createApiMetrics,
  createApp,
  createDrain,
  createHttpServer,
  registerReplica,
} from './http/index.ts';
import {
  createAccessCheck,
  createChartAccess,
  createConsentRule,
  readOldConsents,
  type Server,
} from './interaction/index.ts';
import { OPERATIONS } from './operation/index.ts';
import { installPackage, installRead } from './package/index.ts';
import { ConfigError, loadConfig, type Config } from './platform/config.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { createMetrics, type MetricsServer, type Registry, serveMetrics } from './platform/metrics.ts';
import { isServing, superviseProcesses } from './platform/processes.ts';
import { createSecretBox } from './platform/secret-box.ts';
import { onStopSignal } from './platform/stop-signals.ts';
import { startTracing } from './platform/tracing.ts';
import {
  createProfileStore,
  createStructureDefinitionRule,
  followProfiles,
  StoredProfiles,
} from './profile/index.ts';
import { connectRedis, createCacheReads } from './redis/index.ts';
import { createRegistry, createSearchParameterRule, followParameters } from './reindex/index.ts';
import { createAppointmentRule } from './scheduling/index.ts';
import { createEventSignal, createResourceTables, followDenials, openBinaries } from './storage/index.ts';
import {
  concealOldSubscriptions,
  createSubscriptionRule,
  createTopicRule,
  deliveryFigures,
  replaySubscription,
  startSockets,
} from './subscription/index.ts';
import { prepareValidator } from './validate/index.ts';

/** Connections that wait to be accepted; the system may have a lower limit. Whoever comes in a rush is to be told so, and not left without an answer. */
const BACKLOG = 4_096;

/** What nearly every clinic writes. */
const COMMON_TYPES = ['Patient', 'Encounter', 'Observation', 'Condition', 'Procedure', 'MedicationRequest', 'DiagnosticReport', 'DocumentReference', 'Appointment']; // prettier-ignore

export interface RunningApi {
  readonly port: number;
  /** Where it tells a monitoring system how it does. */
  readonly metricsPort?: number;
  /** Says that it is not ready, takes requests for DRAIN_DELAY_MS more, finishes those under way within DRAIN_MS, and closes the pool. */
  close(): Promise<void>;
}

/** Listens when it resolves. Throws SchemaError when the database is not migrated, and when the port is taken. */
export async function startApi(config: Config, logger: Logger): Promise<RunningApi> {
  const pool = createPool(config);
  await checkMigrated(pool);
  const reader = new Lane(config, pool);
  const registry = createRegistry();
  const replica = createReplica(config, { primary: pool, reader, revision: () => registry.revision, logger });
  const settings = config.reindex;
  const parameters = followParameters(registry, { pool, logger, settings, searches: true });
  const audit = createAuditLog({ pool, logger, settings: config.audit });
  const profiles = new StoredProfiles(createProfileStore(pool, () => server));
  const followed = followProfiles(profiles, { pool, logger, pollMs: settings.pollMs });
  const hooks = createEgress({ ...config.egress, allowPrivate: config.subscription.allowPrivate, logger });
  const denials = await followDenials(pool);
  const box = createSecretBox(config.secret, 'subscription secrets');
  const tables = createResourceTables(pool, registry, reader);
  const bucket = config.content.bucket && (await openBucket(config.content.bucket));
  const server: Server = {
    denials,
    config,
    pool,
    reader,
    replica,
    registry,
    tables,
    binaries: openBinaries(config, bucket),
    signalEvents: createEventSignal(pool),
    operations: OPERATIONS,
    profiles,
    audit,
    writeRules: {
      Appointment: createAppointmentRule({ registry, tables, baseUrl: config.fhirBase }),
      Basic: createTopicRule({ registry, baseUrl: config.fhirBase }),
      Consent: createConsentRule(config.fhirBase, denials),
      StructureDefinition: createStructureDefinitionRule(() => profiles.forget()),
      SearchParameter: createSearchParameterRule({
        customParametersMax: settings.customParametersMax,
        apply: (state) => parameters.apply(state),
      }),
      Subscription: createSubscriptionRule({
        registry,
        baseUrl: config.fhirBase,
        egress: hooks,
        mail: config.subscription.mail,
        timeoutMs: config.subscription.timeoutMs,
        box,
      }),
    },
  };
  await Promise.all([
    parameters.start(),
    followed.start(),
    server.tables.ensure(['Patient', ...RELATED_TYPES]),
  ]);
  await readOldConsents(pool, server.tables, config.fhirBase);
  await concealOldSubscriptions({ pool, tables: server.tables, registry, baseUrl: config.fhirBase, box });
  const installing = installConfigured(server, logger);
  const egress = createEgress({ ...config.egress, logger });
  const figures = createMetrics();
  const redis =
    config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, config.issuer, logger);
  const auth = await createAuth({
    pool,
    config,
    logger,
    registry,
    audit,
    egress,
    shared: redis && { redis, count: createCacheReads(figures) },
    ...createChartAccess(server),
  });
  const criteria = { registry, baseUrl: config.fhirBase };
  const bulk = {
    folder: openExports(config, bucket),
    loadRequester: (requester: TokenRights) => loadRequester(pool, requester, criteria),
  };
  if (replica) registerReplica(figures, replica);
  const metrics = createApiMetrics(figures, { pool, processes: config.apiProcesses });
  const admin = createAdmin({
    pool,
    audit,
    egress,
    criteria,
    checkAccess: createAccessCheck(server),
    deliveries: {
      figures: () => deliveryFigures(pool),
      replay: (id, since, record) => replaySubscription(server, id, since, record),
    },
    exports: bulk.folder,
    packages: {
      limits: uploadLimits(config.packages),
      install: (found) => installRead(server, found, { logger }),
    },
    figures: () => metrics.figures(),
    authenticate: auth.authenticate,
    trustedProxies: config.account.trustedProxies,
  });
  const admission = createAdmission({
    config: config.overload,
    pool,
    reader,
    inFlight: () => metrics.inFlight(),
    registry: figures,
    logger,
  });
  const drain = createDrain();
  const http = createHttpServer(
    config.http,
    createApp({ server, auth, admin, bulk, metrics, admission, drain, logger }),
  );
  const sockets = startSockets(http, {
    pool,
    server,
    logger,
    redis,
    loadPrincipal: ({ scopes, ...owner }) =>
      scopes === undefined
        ? loadPrincipalFor(pool, owner)
        : loadRequester(pool, { ...owner, scopes }, criteria),
  });
  const port = await listen(http, config);
  const told = await tell(config, figures, pool, logger);
  return {
    port,
    ...(told === undefined ? {} : { metricsPort: told.port }),
    async close() {
      await drain.begin(config.drain.delayMs);
      await Promise.all([sockets.close(), drain.finish(http, config.drain.ms)]);
      await told?.close();
      admission.close();
      await installing;
      await Promise.all([parameters.stop(), followed.stop()]);
      auth.close();
      redis?.close();
      denials.close();
      await audit.close();
      await replica?.close();
      await reader.close();
      bucket?.close();
      await Promise.all([hooks.close(), egress.close()]);
      await pool.end();
    },
  };
}

/** Undefined where none is set. */
const createReplica = (
  { replica, databaseLaneSize: laneSize, statementTimeoutMs }: Config,
  context: ConstructorParameters<typeof Replica>[1],
): Replica | undefined => replica && new Replica({ ...replica, laneSize, statementTimeoutMs }, context);

/** What is sent is in memory, packed and unpacked. */
const uploadLimits = ({ uploadBytesMax, unpackedBytesMax, ...limits }: Config['packages']) => ({
  ...limits,
  packedBytesMax: uploadBytesMax,
  unpackedBytesMax: Math.min(uploadBytesMax, unpackedBytesMax),
  unpackedBytesSetting: 'PACKAGE_UPLOAD_BYTES_MAX',
});

async function tell(
  { metrics: { host, port }, apiProcesses: copies }: Config,
  figures: Registry,
  pool: Pool,
  logger: Logger,
): Promise<MetricsServer | undefined> {
  if (port === undefined) return undefined;
  return serveMetrics(figures, { host, port, copies, isReady: () => isReachable(pool), logger });
}

/** One after the other, beside the requests; a package that cannot be installed keeps nobody from anything else. */
async function installConfigured(server: Server, logger: Logger): Promise<void> {
  for (const spec of server.config.packages.specs) {
    try {
      await installPackage(server, spec, { logger });
    } catch (error) {
      logger.error({ err: error, package: spec }, 'package not installed');
    }
  }
}

function listen(http: HttpServer, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port: config.port, host: config.host, backlog: BACKLOG }, () => {
      const address = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : config.port);
    });
  });
}

/** Type by type, so that requests have their turn. */
async function prepareCommonTypes(): Promise<void> {
  for (const resourceType of COMMON_TYPES) {
    await sleep(50);
    prepareValidator(resourceType);
  }
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  if (!isServing(config.apiProcesses)) {
    superviseProcesses(config.apiProcesses, createLogger('api', config.logLevel));
    return;
  }
  const tracing = await startTracing(process.env, 'dr-assistant-api');
  const logger = createLogger('api', config.logLevel);
  const api = await startApi(config, logger);
  logger.info({ port: api.port, metricsPort: api.metricsPort }, 'api listens');
  void prepareCommonTypes();
  onStopSignal(async () => {
    logger.info('stopping: requests under way are finished');
    await api.close();
    await tracing?.shutdown();
  });
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    const text =
      error instanceof ConfigError || error instanceof SchemaError ? error.message : 'api not started';
    createLogger('api', 'info').fatal({ err: error }, text);
    process.exit(1);
  });
}
