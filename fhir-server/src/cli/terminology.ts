/** `cli.ts terminology load|list|remove`: large code systems in tables. https://hl7.org/fhir/R4/terminology-service.html */
import { createPool, type Pool } from '../db/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { deleteOthers, packageResources, storeResources } from '../package/index.ts';
import type { Config } from '../platform/config.ts';
import {
  codeSystemResource,
  listTables,
  loadCodeSystem,
  LoadError,
  LOADERS,
  openRelease,
  type LoadProgress,
  removeTable,
} from '../terminology/index.ts';
import { createOfflineServer } from './offline-server.ts';

/** Prints how it goes; sets the exit code when it cannot be loaded. Throws RangeError when there is no such loader. */
export function loadTerminology(
  config: () => Config,
  name: string,
  path: string,
  version: string | undefined,
): Promise<void> {
  const loader = LOADERS.find((one) => one.name === name);
  if (loader === undefined) throw new RangeError(`there is no loader of ${name}`);
  return withPool(config(), async (pool, settings) => {
    const release = await openRelease(path);
    try {
      const plan = loader.plan(release, version);
      const { url, version: loaded } = plan.system;
      const { concepts, wasResumed } = await loadCodeSystem(pool, plan, {
        onBegin: (resumed) => resumed && console.error('A load that was broken off goes on.'),
        onProgress: progressPrinter(),
        onBuild: () => console.error('All is read; the indexes are being made.'),
      });
      const resource = codeSystemResource(plan, concepts);
      const owner = ownerOf(url, loaded);
      const server = await createOfflineServer(settings, pool);
      const own = await packageResources(pool, owner);
      const { skipped } = await storeResources(server, owner, [{ file: owner, resource }], own);
      for (const reason of skipped) console.error(`The CodeSystem resource was left out: ${reason}`);
      console.log(`${url}|${loaded} is loaded: ${concepts} concepts${wasResumed ? ', resumed' : ''}.`);
    } finally {
      await release.close();
    }
  });
}

export const listTerminology = (config: Config): Promise<void> =>
  withPool(config, async (pool) => {
    for (const { url, version, concepts, loadedAt } of await listTables(pool))
      console.log(
        loadedAt === undefined
          ? `${url}|${version}  is not complete: load it again`
          : `${url}|${version}  ${concepts} concepts, ${loadedAt.toISOString()}`,
      );
  });

/** `canonical`: `url|version`. */
export const removeTerminology = (config: Config, canonical: string): Promise<void> =>
  withPool(config, async (pool, settings) => {
    const [url = '', version = ''] = canonical.split('|');
    if (!(await removeTable(pool, url, version))) throw new LoadError(`${canonical} is not loaded`);
    const owner = ownerOf(url, version);
    await deleteOthers(await createOfflineServer(settings, pool), [...(await packageResources(pool, owner))]);
    console.log(`${canonical} is removed.`);
  });

/** Whose the CodeSystem resource is, among those that packages have stored. */
const ownerOf = (url: string, version: string): string => `terminology:${url}|${version}`;

const PRINT_EVERY_MS = 1_000;

function progressPrinter(): (progress: LoadProgress) => void {
  let [printedAt, file] = [0, ''];
  return (progress) => {
    const now = performance.now();
    if (progress.file === file && progress.part !== 1 && now - printedAt < PRINT_EVERY_MS) return;
    [printedAt, file] = [now, progress.file];
    const part = progress.part === undefined ? '' : `, ${Math.floor(progress.part * 100)} %`;
    console.error(`${progress.file}: ${progress.records} records${part}`);
  };
}

/** A load writes on one connection for as long as it takes, and looks things up on another. */
const CONNECTIONS_MIN = 2;

/** What the operator can mend is told in one line. */
async function withPool(config: Config, work: (pool: Pool, config: Config) => Promise<void>): Promise<void> {
  const databasePoolSize = Math.max(config.databasePoolSize, CONNECTIONS_MIN);
  const pool = createPool({ ...config, databasePoolSize });
  try {
    await work(pool, config);
  } catch (error) {
    if (!(error instanceof LoadError) && !(error instanceof FhirError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await pool.end();
  }
}
