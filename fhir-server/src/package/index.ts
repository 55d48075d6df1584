/** The face of package: FHIR packages, read and installed. */
export { installPackage, installRead, type InstallOptions, type InstallReport } from './install-package.ts';
export { listPackages, packageResources, type InstalledPackage } from './package-store.ts';
export { chooseVersion, compareVersions, parsePackageSpec, type PackageSpec } from './package-spec.ts';
export {
  PackageError,
  readPackage,
  type FhirPackage,
  type PackagedResource,
  type PackageLimits,
} from './read-package.ts';
export { deleteOthers, storeResources } from './store-resources.ts';
