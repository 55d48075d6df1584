/** `cli.ts package install <spec>` and `cli.ts package list`: FHIR packages. https://hl7.org/fhir/packages.html */
import { createPool, type Pool } from '../db/index.ts';
import { installPackage, listPackages, PackageError } from '../package/index.ts';
import type { Config } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { createOfflineServer } from './offline-server.ts';

/** Prints what was installed; sets the exit code when it was not. */
export async function installPackages(
  config: Config,
  specs: readonly string[],
  examples: boolean,
): Promise<void> {
  await withPool(config, async (pool) => {
    const server = await createOfflineServer(config, pool);
    const logger = createLogger('package', config.logLevel);
    for (const spec of specs) {
      try {
        const report = await installPackage(server, spec, { examples, logger });
        const { name, version, wasInstalled, stored, skipped, restated, missing } = report;
        for (const reason of skipped) console.log(`left out: ${reason}`);
        for (const dependency of missing) console.log(`missing: ${dependency}`);
        console.log(
          wasInstalled
            ? `${name}@${version} was installed already.`
            : `${name}@${version} is installed: ${stored} resources stored, ${skipped.length} left out${restated > 0 ? `; ${restated} searches are the standard's own` : ''}.`,
        );
      } catch (error) {
        if (!(error instanceof PackageError)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      }
    }
  });
}

export async function showPackages(config: Config): Promise<void> {
  await withPool(config, async (pool) => {
    for (const { name, version, resources, skipped, installedAt, isSuperseded } of await listPackages(pool))
      console.log(
        `${name}@${version}  ${resources} resources, ${skipped} left out, ${installedAt.toISOString()}${isSuperseded ? ', superseded' : ''}`,
      );
  });
}

async function withPool(config: Config, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(config);
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}
