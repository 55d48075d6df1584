/** Gets packages from files, from allowed origins and from a registry, with a folder of those that were got before. */
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createEgress, EgressError, type Egress } from '../egress/index.ts';
import type { PackageConfig } from '../platform/package-config.ts';
import type { Logger } from '../platform/logger.ts';
import { chooseVersion, type PackageSpec } from './package-spec.ts';
import { PackageError, readPackage, type FhirPackage } from './read-package.ts';

const TIMEOUT_MS = 120_000;
const LISTING_BYTES_MAX = 16 * 1024 * 1024;

export type PackageEgress = Pick<Egress, 'fetch'>;

/** Only from the registry's origin and those in FHIR_PACKAGE_ORIGINS, also after each redirect. */
export function createPackageEgress(config: PackageConfig, logger: Logger): Egress {
  const registry = config.registry === undefined ? [] : [new URL(config.registry).origin];
  return createEgress({
    allowPrivate: false,
    allowedOrigins: [...registry, ...config.origins],
    isRestricted: true,
    logger,
  });
}

/** Throws PackageError with what to do about it. */
export async function fetchPackage(
  spec: PackageSpec,
  config: PackageConfig,
  egress: PackageEgress,
): Promise<FhirPackage> {
  switch (spec.kind) {
    case 'file':
      return readPackage(createReadStream(spec.path), config);
    case 'url':
      return readPackage(Readable.from([await download(spec.url, egress, config.downloadBytesMax)]), config);
    case 'registry':
      return fetchFromRegistry(spec.name, spec.version, config, egress);
  }
}

async function fetchFromRegistry(
  name: string,
  wanted: string,
  config: PackageConfig,
  egress: PackageEgress,
): Promise<FhirPackage> {
  const isExact = wanted !== 'latest' && !/\.x$/i.test(wanted);
  const kept = isExact ? await readKept(name, wanted, config) : undefined;
  if (kept !== undefined) return kept;
  const { registry } = config;
  if (registry === undefined)
    throw new PackageError(
      `${name}@${wanted} is asked of a registry, and none is configured: set FHIR_PACKAGE_REGISTRY, or name a .tgz file`,
    );
  const version = isExact ? wanted : await findVersion(name, wanted, registry, egress);
  const known = isExact ? undefined : await readKept(name, version, config);
  if (known !== undefined) return known;
  const bytes = await download(new URL(`${registry}/${name}/${version}`), egress, config.downloadBytesMax);
  const found = await readPackage(Readable.from([bytes]), config);
  if (found.name !== name || found.version !== version)
    throw new PackageError(`The registry answered ${name}@${version} with ${found.name}@${found.version}`);
  await keep(name, version, bytes, config);
  return found;
}

async function findVersion(
  name: string,
  wanted: string,
  registry: string,
  egress: PackageEgress,
): Promise<string> {
  const bytes = await download(new URL(`${registry}/${name}`), egress, LISTING_BYTES_MAX);
  let versions: string[];
  try {
    const listing = JSON.parse(bytes.toString('utf8')) as { versions?: Record<string, unknown> } | null;
    versions = Object.keys(listing?.versions ?? {});
  } catch {
    throw new PackageError(`The registry answers for ${name} with what is no JSON`);
  }
  const version = chooseVersion(wanted, versions);
  if (version === undefined) throw new PackageError(`The registry has no version ${wanted} of ${name}`);
  return version;
}

/** The name and the version were checked: they are no paths. */
const keptFile = (name: string, version: string, { cacheDir }: PackageConfig): string =>
  join(cacheDir, `${name}#${version}.tgz`);

async function readKept(
  name: string,
  version: string,
  config: PackageConfig,
): Promise<FhirPackage | undefined> {
  const file = await open(keptFile(name, version, config)).catch(() => undefined);
  return file && readPackage(file.createReadStream(), config);
}

/** A whole file or none: others may look at the same time. */
async function keep(name: string, version: string, bytes: Buffer, config: PackageConfig): Promise<void> {
  const draft = join(config.cacheDir, `.${process.pid}.draft`);
  try {
    await mkdir(config.cacheDir, { recursive: true });
    const file = await open(draft, 'w');
    await file.writeFile(bytes).finally(() => file.close());
    await rename(draft, keptFile(name, version, config));
  } catch {
    // Without the folder it is got again the next time.
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function download(url: URL, egress: PackageEgress, bytesMax: number): Promise<Buffer> {
  try {
    const response = await egress.fetch(url, { redirect: 'follow', timeoutMs: TIMEOUT_MS, bytesMax });
    if (response.ok) return Buffer.from(await response.arrayBuffer());
    await response.body?.cancel();
    throw new PackageError(`${url.href} answers with ${response.status}`);
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    if (error.code === 'refused')
      throw new PackageError(
        `Packages are not got from ${url.origin}; FHIR_PACKAGE_ORIGINS lists where from`,
      );
    const limit = error.code === 'too-large' ? ' (PACKAGE_DOWNLOAD_BYTES_MAX)' : '';
    throw new PackageError(`${url.href} cannot be got: ${error.detail}${limit}`);
  }
}
