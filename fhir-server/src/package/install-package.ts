/** Stores the conformance resources of packages by the way of every write, dependencies first. https://hl7.org/fhir/packages.html */
import { connectAside, withTransaction } from '../db/index.ts';
import type { Server } from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import { createPackageEgress, fetchPackage, type PackageEgress } from './fetch-package.ts';
import { compareVersions, parsePackageSpec } from './package-spec.ts';
import { listPackages, packageResources, recordPackage } from './package-store.ts';
import { type PlannedResource, planResources } from './plan-resources.ts';
import { PackageError, type FhirPackage } from './read-package.ts';
import { deleteOthers, storeResources } from './store-resources.ts';

export interface InstallOptions {
  /** Whether the examples are stored, too. */
  readonly examples?: boolean;
  readonly logger: Logger;
}

export interface InstallReport {
  readonly name: string;
  readonly version: string;
  /** Whether this version was there already, and nothing was done. */
  readonly wasInstalled: boolean;
  readonly stored: number;
  /** `file: why` of what was left out. */
  readonly skipped: readonly string[];
  /** SearchParameters that the standard has already. */
  readonly restated: number;
  /** `name@version` of dependencies that could not be got. */
  readonly missing: readonly string[];
}

/** What the server itself has. */
const BUILT_IN = /^hl7\.fhir\.(?:r4\.core|r4\.expansions|core)$/;
/** One installation at a time, of all processes. */
const INSTALL_LOCK = 8109;
const DEPENDENCIES_MAX = 200;

/**
 * Installs the package and the packages it depends on; those that cannot be got are in the report and in the log. Throws
 * PackageError when the package itself cannot be, or when a newer version is there.
 */
export const installPackage = (
  server: Server,
  text: string,
  options: InstallOptions,
): Promise<InstallReport> => installOneAtATime(server, options, (egress) => fetchIfNew(server, text, egress));

/** The same for a package that was read already. */
export const installRead = (
  server: Server,
  found: FhirPackage,
  options: InstallOptions,
): Promise<InstallReport> => installOneAtATime(server, options, () => Promise.resolve(found));

async function installOneAtATime(
  server: Server,
  options: InstallOptions,
  load: (egress: PackageEgress) => Promise<FhirPackage | InstallReport>,
): Promise<InstallReport> {
  const lock = await connectAside(server.pool);
  const egress = createPackageEgress(server.config.packages, options.logger);
  try {
    await lock.query('select pg_advisory_lock($1)', [INSTALL_LOCK]);
    const found = await load(egress);
    if ('wasInstalled' in found) return found;
    const missing: string[] = [];
    await installDependencies(server, found, options, { missing, seen: new Set([found.name]), egress });
    return { ...(await install(server, found, options)), missing };
  } finally {
    await egress.close();
    await lock.end();
  }
}

/** A version that is there need not be got again. */
async function fetchIfNew(
  server: Server,
  text: string,
  egress: PackageEgress,
): Promise<FhirPackage | InstallReport> {
  const spec = parsePackageSpec(text);
  if (spec.kind === 'registry') {
    const there = await currentVersion(server, spec.name);
    if (there === spec.version) return untouched(spec.name, there);
  }
  return fetchPackage(spec, server.config.packages, egress);
}

const untouched = (name: string, version: string): InstallReport => ({
  name,
  version,
  wasInstalled: true,
  stored: 0,
  skipped: [],
  restated: 0,
  missing: [],
});

async function currentVersion(server: Server, name: string): Promise<string | undefined> {
  const all = await listPackages(server.pool);
  return all.find((p) => p.name === name && !p.isSuperseded)?.version;
}

interface Walk {
  readonly missing: string[];
  readonly seen: Set<string>;
  readonly egress: PackageEgress;
}

async function installDependencies(
  server: Server,
  { dependencies }: FhirPackage,
  options: InstallOptions,
  walk: Walk,
): Promise<void> {
  for (const [name, version] of Object.entries(dependencies)) {
    if (BUILT_IN.test(name) || walk.seen.has(name)) continue;
    walk.seen.add(name);
    if (walk.seen.size > DEPENDENCIES_MAX)
      throw new PackageError(`More than ${DEPENDENCIES_MAX} packages depend on each other`);
    // What is there serves whatever version was asked for: several of one package would be two definitions of everything.
    if ((await currentVersion(server, name)) !== undefined) continue;
    try {
      const spec = parsePackageSpec(`${name}@${version}`);
      const found = await fetchPackage(spec, server.config.packages, walk.egress);
      await installDependencies(server, found, options, walk);
      await install(server, found, { ...options, examples: false });
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      walk.missing.push(`${name}@${version}`);
      options.logger.warn(
        { package: name, version, reason: error.message },
        'a package that another depends on is missing; what is built upon it cannot be checked',
      );
    }
  }
}

type Installed = Omit<InstallReport, 'missing'>;

async function install(
  server: Server,
  found: FhirPackage,
  { examples = false, logger }: InstallOptions,
): Promise<Installed> {
  const { name, version } = found;
  const before = await currentVersion(server, name);
  if (before === version && !examples) return untouched(name, version);
  if (before !== undefined && compareVersions(version, before) < 0)
    throw new PackageError(`${name}@${before} is installed, which is newer than ${version}`);
  const plan = planResources(found, examples, (type, code) => isStandard(server, type, code));
  const own = await packageResources(server.pool, name);
  // Topics are checked by the SearchParameters of the package, which must be known by then.
  const isTopical = ({ resource }: PlannedResource): boolean => resource.resourceType === 'Basic';
  const others = await storeResources(
    server,
    name,
    plan.resources.filter((r) => !isTopical(r)),
    own,
  );
  const topics = await storeResources(server, name, plan.resources.filter(isTopical), own);
  const kept = new Set(plan.resources.map(({ resource }) => `${resource.resourceType}/${resource.id}`));
  await deleteOthers(
    server,
    [...own].filter((resource) => !kept.has(resource)),
  );
  const skipped = [...plan.skipped, ...others.skipped, ...topics.skipped];
  const count = others.count + topics.count;
  await withTransaction(server.pool, (client) =>
    recordPackage(client, {
      name,
      version,
      ...(found.canonical === undefined ? {} : { canonical: found.canonical }),
      resources: count,
      skipped: skipped.length,
    }),
  );
  logger.info({ package: name, version, stored: count, skipped: skipped.length }, 'package installed');
  return { name, version, wasInstalled: false, stored: count, skipped, restated: plan.restated };
}

function isStandard({ registry }: Server, resourceType: string, code: string): boolean {
  const parameter = registry.get(resourceType, code);
  return parameter !== undefined && !registry.isCustom(parameter);
}
