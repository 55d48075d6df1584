/** Packages and large code systems that are installed, and the installation of a package that is sent. https://hl7.org/fhir/packages.html */
import { Readable } from 'node:stream';
import { FhirError, issue } from '../fhir/outcome.ts';
import { type InstallReport, listPackages, PackageError, readPackage } from '../package/index.ts';
import { listTables } from '../terminology/index.ts';
import type { Administrator } from './administrator.ts';
import type { AdminServices } from './context.ts';
import { recordChange } from './record-change.ts';

export interface Installed {
  readonly packages: readonly object[];
  /** Code systems in tables of their own; `loadedAt` is absent where a load was broken off. */
  readonly codeSystems: readonly object[];
}

export async function listInstalled({ pool }: AdminServices): Promise<Installed> {
  const [packages, codeSystems] = await Promise.all([listPackages(pool), listTables(pool)]);
  return { packages, codeSystems };
}

/** A package is in memory as a whole while it is installed: one at a time in each process. */
let isInstalling = false;

/**
 * Stores what the command line would, without examples; resolves when all is stored. Whose client does not wait installs it
 * all the same. Throws FhirError 422 for what is no package, or an older one, and 503 while another is installed.
 */
export async function installUpload(
  { pool, packages: { limits, install } }: AdminServices,
  by: Administrator,
  packed: Buffer,
): Promise<InstallReport> {
  if (isInstalling)
    throw new FhirError(503, [issue('transient', 'Another package is being installed')], {
      'Retry-After': '5',
    });
  isInstalling = true;
  try {
    const found = await readPackage(Readable.from([packed]), limits);
    // Before its resources are: whatever becomes of the process, there is none without its record.
    const what = `installation of the package ${found.name}@${found.version}`;
    await recordChange(pool, by, { code: 'alert', action: 'E', what });
    return await install(found);
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw new FhirError(422, [issue('processing', error.message, 'http.body')]);
  } finally {
    isInstalling = false;
  }
}
