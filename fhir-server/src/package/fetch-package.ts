/** Gets packages from files, from allowed origins and from a registry, with a folder of those that were got before. */
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { PackageConfig } from '../platform/config.ts';
import { chooseVersion, type PackageSpec } from './package-spec.ts';
import { PackageError, readPackage, type FhirPackage } from './read-package.ts';

const REDIRECTS_MAX = 5;
const TIMEOUT_MS = 120_000;
const LISTING_BYTES_MAX = 16 * 1024 * 1024;

/** Throws PackageError with what to do about it. */
export async function fetchPackage(spec: PackageSpec, config: PackageConfig): Promise<FhirPackage> {
  switch (spec.kind) {
    case 'file':
      return readPackage(createReadStream(spec.path), config);
    case 'url':
      return readPackage(Readable.from([await download(spec.url, config, config.downloadBytesMax)]), config);
    case 'registry':
      return fetchFromRegistry(spec.name, spec.version, config);
  }
}

async function fetchFromRegistry(name: string, wanted: string, config: PackageConfig): Promise<FhirPackage> {
  const isExact = wanted !== 'latest' && !/\.x$/i.test(wanted);
  const kept = isExact ? await readKept(name, wanted, config) : undefined;
  if (kept !== undefined) return kept;
  const { registry } = config;
  if (registry === undefined)
    throw new PackageError(
      `${name}@${wanted} is asked of a registry, and none is configured: set FHIR_PACKAGE_REGISTRY, or name a .tgz file`,
    );
  const version = isExact ? wanted : await findVersion(name, wanted, registry, config);
  const known = isExact ? undefined : await readKept(name, version, config);
  if (known !== undefined) return known;
  const bytes = await download(new URL(`${registry}/${name}/${version}`), config, config.downloadBytesMax);
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
  config: PackageConfig,
): Promise<string> {
  const bytes = await download(new URL(`${registry}/${name}`), config, LISTING_BYTES_MAX);
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

/** Only from the registry's origin and those in FHIR_PACKAGE_ORIGINS, also after each redirect. */
async function download(url: URL, config: PackageConfig, bytesMax: number): Promise<Buffer> {
  const allowed = new Set(config.origins);
  if (config.registry !== undefined) allowed.add(new URL(config.registry).origin);
  let next = url;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    if (!allowed.has(next.origin) || next.username !== '' || next.password !== '')
      throw new PackageError(
        `Packages are not got from ${next.origin}; FHIR_PACKAGE_ORIGINS lists where from`,
      );
    const response = await get(next);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      if (!URL.canParse(location, next.href))
        throw new PackageError(`${next.origin} redirects to what is no URL`);
      next = new URL(location, next);
      continue;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new PackageError(`${next.href} answers with ${response.status}`);
    }
    return readBody(response, bytesMax);
  }
  throw new PackageError(`${url.href} redirects more than ${REDIRECTS_MAX} times`);
}

async function get(url: URL): Promise<Response> {
  try {
    return await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new PackageError(`${url.href} cannot be reached: ${(error as Error).message}`);
  }
}

async function readBody(response: Response, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax)
      throw new PackageError(`${response.url} has more than ${bytesMax} bytes (PACKAGE_DOWNLOAD_BYTES_MAX)`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
