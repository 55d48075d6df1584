/** What writes resources without HTTP: the same stores and rules as in an api process. */
import { NO_AUDIT } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import { NO_PROFILES, type Server } from '../interaction/index.ts';
import type { Config } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { createStructureDefinitionRule } from '../profile/index.ts';
import { createRegistry, createSearchParameterRule, followParameters } from '../reindex/index.ts';
import { createAppointmentRule } from '../scheduling/index.ts';
import { createTopicRule } from '../subscription/index.ts';
import { createEventSignal, createResourceTables, openBinaries } from '../storage/index.ts';

/** The database must be migrated. */
export async function createOfflineServer(config: Config, pool: Pool): Promise<Server> {
  const registry = createRegistry();
  const settings = config.reindex;
  const logger = createLogger('package', config.logLevel);
  const parameters = followParameters(registry, { pool, logger, settings, searches: false });
  await parameters.load();
  const tables = createResourceTables(pool, registry);
  return {
    config,
    pool,
    reader: pool,
    registry,
    tables,
    // It writes no content: what it asks for is in the database.
    binaries: openBinaries(config, undefined),
    signalEvents: createEventSignal(pool),
    operations: new Map(),
    profiles: NO_PROFILES,
    audit: NO_AUDIT,
    writeRules: {
      Appointment: createAppointmentRule({ registry, tables, baseUrl: config.fhirBase }),
      Basic: createTopicRule({ registry, baseUrl: config.fhirBase }),
      SearchParameter: createSearchParameterRule({
        customParametersMax: settings.customParametersMax,
        apply: (state) => parameters.apply(state),
      }),
      StructureDefinition: createStructureDefinitionRule(() => undefined),
    },
  };
}
