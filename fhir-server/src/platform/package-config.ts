/** FHIR packages: which are installed, and where they come from. */
import { resolve } from 'node:path';
import type { SettingReader } from './account-config.ts';

export interface PackageConfig {
  /** `name@version`, URLs and files that api installs when it starts. */
  readonly specs: readonly string[];
  /** Base URL of a registry, without a trailing slash. */
  readonly registry: string | undefined;
  /** Origins, besides the registry's, from which packages may be got. */
  readonly origins: readonly string[];
  /** Folder of packages that were got from the registry. */
  readonly cacheDir: string;
  readonly downloadBytesMax: number;
  readonly unpackedBytesMax: number;
  /** Of a package that is sent over HTTP, packed and unpacked: all of it is in the memory of an api. */
  readonly uploadBytesMax: number;
  readonly entriesMax: number;
  /** Unpacked bytes for each packed one. */
  readonly ratioMax: number;
}

type PackageReader = Pick<SettingReader, 'whole' | 'list' | 'faults'> & {
  readonly text: (name: string, fallback?: string) => string;
  readonly origins: (name: string, values: readonly string[]) => string[];
};

/** Adds to `faults` what is wrong. */
export function loadPackageConfig(
  { whole, list, text, origins, faults }: PackageReader,
  env: NodeJS.ProcessEnv,
): PackageConfig {
  const registry = (env['FHIR_PACKAGE_REGISTRY'] ?? '').replace(/\/+$/, '');
  if (registry !== '' && !(URL.canParse(registry) && /^https?:$/.test(new URL(registry).protocol)))
    faults.push('FHIR_PACKAGE_REGISTRY is not an http(s) URL');
  return {
    specs: list('FHIR_PACKAGES'),
    registry: registry === '' ? undefined : registry,
    origins: origins('FHIR_PACKAGE_ORIGINS', list('FHIR_PACKAGE_ORIGINS')),
    cacheDir: resolve(text('DATA_DIR', '.data'), 'packages'),
    downloadBytesMax: whole('PACKAGE_DOWNLOAD_BYTES_MAX', 256 * 1024 * 1024, 1_024, 2 ** 31),
    unpackedBytesMax: whole('PACKAGE_UNPACKED_BYTES_MAX', 512 * 1024 * 1024, 1_024, 2 ** 32),
    uploadBytesMax: whole('PACKAGE_UPLOAD_BYTES_MAX', 128 * 1024 * 1024, 1_024, 2 ** 30),
    entriesMax: whole('PACKAGE_ENTRIES_MAX', 50_000, 1, 10_000_000),
    ratioMax: whole('PACKAGE_RATIO_MAX', 100, 1, 100_000),
  };
}
