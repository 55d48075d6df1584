/** The worker process: turns events into deliveries and sends them. Any number of copies may run. */
import { join } from 'node:path';
import { loadPrincipalFor } from './auth/index.ts';
import { createPool } from './db/index.ts';
import { compartmentParameters, searchParameters } from './fhir/definitions/index.ts';
import type { Server } from './interaction/index.ts';
import { ConfigError, loadConfig } from './platform/config.ts';
import { createLogger } from './platform/logger.ts';
import { SearchParameterRegistry } from './search/index.ts';
import { createBinaryFolder, createEventSignal, createResourceTables } from './storage/index.ts';
import { createMarkInError, startDelivery } from './subscription/index.ts';

const DRAIN_MS = 20_000;

function main(): void {
  const config = loadConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  const pool = createPool(config);
  const registry = new SearchParameterRegistry(searchParameters(), (type) =>
    compartmentParameters('Patient', type),
  );
  const server: Server = {
    config,
    pool,
    reader: pool,
    registry,
    tables: createResourceTables(pool, registry),
    binaries: createBinaryFolder(join(config.dataDir, 'binary')),
    signalEvents: createEventSignal(pool),
    operations: new Map(),
    writeRules: {},
  };
  const delivery = startDelivery({
    pool,
    config,
    registry,
    logger,
    loadPrincipal: (owner) => loadPrincipalFor(pool, owner),
    markInError: createMarkInError(server),
  });
  logger.info('worker started');
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info('stopping: deliveries under way are finished');
    await delivery.stop(DRAIN_MS);
    await pool.end();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
}

try {
  main();
} catch (error) {
  createLogger('worker', 'info').fatal(
    { err: error },
    error instanceof ConfigError ? error.message : 'worker not started',
  );
  process.exit(1);
}
