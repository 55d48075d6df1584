/** How a package is named: `name@version`, an https URL, or a file. https://hl7.org/fhir/packages.html */
import { PACKAGE_NAME, PACKAGE_VERSION, PackageError } from './read-package.ts';

export type PackageSpec =
  | { readonly kind: 'registry'; readonly name: string; readonly version: string }
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'file'; readonly path: string };

/** `name#version` is the same as `name@version`; without a version the latest. Throws PackageError. */
export function parsePackageSpec(text: string): PackageSpec {
  if (/^https?:\/\//i.test(text)) {
    if (!URL.canParse(text)) throw new PackageError(`${text} is no URL`);
    return { kind: 'url', url: new URL(text) };
  }
  if (/\.(?:tgz|tar\.gz)$/i.test(text) || text.includes('/')) return { kind: 'file', path: text };
  const [name = '', version = 'latest', ...more] = text.split(/[@#]/);
  if (!PACKAGE_NAME.test(name) || !PACKAGE_VERSION.test(version) || more.length > 0)
    throw new PackageError(`${text} is neither name@version, nor an https URL, nor a .tgz file`);
  return { kind: 'registry', name, version };
}

/** `4.0.1` before `4.0.10`, and `1.0.0-ballot` before `1.0.0`. */
export function compareVersions(a: string, b: string): number {
  const [[mainA = '', labelA], [mainB = '', labelB]] = [a.split(/-(.*)/), b.split(/-(.*)/)];
  const main = mainA.localeCompare(mainB, 'en', { numeric: true });
  if (main !== 0) return main;
  if (labelA === undefined || labelB === undefined)
    return labelA === labelB ? 0 : labelA === undefined ? 1 : -1;
  return labelA.localeCompare(labelB, 'en', { numeric: true });
}

/** Of the versions that are there the highest that is meant: `latest`, `6.1.x`, `6.1.0`. */
export function chooseVersion(wanted: string, versions: readonly string[]): string | undefined {
  const sorted = versions.filter((v) => PACKAGE_VERSION.test(v)).sort(compareVersions);
  if (wanted === 'latest') return sorted.filter((v) => !v.includes('-')).at(-1) ?? sorted.at(-1);
  if (!/\.x$/i.test(wanted)) return sorted.find((v) => v === wanted);
  const stem = wanted.slice(0, -1);
  return sorted.filter((v) => v.startsWith(stem) && !v.includes('-')).at(-1);
}
