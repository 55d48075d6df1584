/** Reads a FHIR package, a gzipped tar, into memory; nothing is ever written by the name of an entry. https://hl7.org/fhir/packages.html */
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { Transform, type Readable } from 'node:stream';
import type { Resource } from '@medplum/fhirtypes';
import { extract, type Extract } from 'tar-stream';
import { isResourceType } from '../fhir/definitions/index.ts';
import { parseJson } from '../fhir/json/index.ts';

export interface PackageLimits {
  /** Of all entries together, unpacked. */
  readonly unpackedBytesMax: number;
  /** The setting that says so, if it is not PACKAGE_UNPACKED_BYTES_MAX. */
  readonly unpackedBytesSetting?: string;
  readonly entriesMax: number;
  /** Unpacked bytes for each packed one. */
  readonly ratioMax: number;
}

export interface PackagedResource {
  /** `package/StructureDefinition-us-core-patient.json`. */
  readonly file: string;
  readonly resource: Resource;
}

export interface FhirPackage {
  readonly name: string;
  readonly version: string;
  readonly canonical?: string;
  readonly fhirVersions: readonly string[];
  /** Name → version, as the manifest has them. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Directly below `package/`. */
  readonly resources: readonly PackagedResource[];
  /** Below `package/example/` and `package/examples/`. */
  readonly examples: readonly PackagedResource[];
}

/** A package that is not read, and why; the text is fit for the operator. */
export class PackageError extends Error {}

/** Below this size a high ratio harms nobody. */
const RATIO_FROM_BYTES = 1024 * 1024;
/** Index and manifest, and what is no resource. */
const OTHER_FILES = new Set([
  'package.json',
  '.index.json',
  '.derived.index.json',
  'ig-r4.json',
  'openapi.json',
]);

export const PACKAGE_NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/i;
export const PACKAGE_VERSION = /^[a-z0-9][a-z0-9.+_-]{0,63}$/i;

/** Throws PackageError for what is no FHIR R4 package, for unsafe entries and above the limits. */
export async function readPackage(packed: Readable, limits: PackageLimits): Promise<FhirPackage> {
  const files = new Map<string, unknown>();
  const unpack = extract();
  try {
    await Promise.all([
      pipeline(packed, ...boundedGunzip(limits), unpack),
      (async () => {
        let count = 0;
        for await (const entry of unpack) {
          count += 1;
          if (count > limits.entriesMax)
            throw new PackageError(
              `The package has more than ${limits.entriesMax} entries (PACKAGE_ENTRIES_MAX)`,
            );
          await readEntry(entry, files);
        }
      })(),
    ]);
  } catch (error) {
    if (error instanceof PackageError) throw error;
    throw new PackageError(`The package cannot be unpacked: ${(error as Error).message}`);
  }
  return toPackage(files);
}

function boundedGunzip({
  unpackedBytesMax,
  unpackedBytesSetting = 'PACKAGE_UNPACKED_BYTES_MAX',
  ratioMax,
}: PackageLimits): [Transform, Transform, Transform] {
  let packedBytes = 0;
  let unpackedBytes = 0;
  const counted = (check: (bytes: number) => PackageError | undefined): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const fault = check(chunk.length);
        if (fault) done(fault);
        else done(null, chunk);
      },
    });
  const before = counted((bytes) => {
    packedBytes += bytes;
    return undefined;
  });
  const after = counted((bytes) => {
    unpackedBytes += bytes;
    if (unpackedBytes > unpackedBytesMax)
      return new PackageError(
        `The package unpacks to more than ${unpackedBytesMax} bytes (${unpackedBytesSetting})`,
      );
    if (unpackedBytes > RATIO_FROM_BYTES && unpackedBytes > packedBytes * ratioMax)
      return new PackageError(
        `The package unpacks to more than ${ratioMax} times its size (PACKAGE_RATIO_MAX)`,
      );
    return undefined;
  });
  return [before, createGunzip(), after];
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/** Only files of these folders are kept; whatever could mean a place outside of the package refuses all of it. */
async function readEntry(entry: Entry, files: Map<string, unknown>): Promise<void> {
  const { name, type } = entry.header;
  const segments = name.replace(/^\.\//, '').split('/');
  if (name.startsWith('/') || /[\\\0]|^[a-z]:/i.test(name) || segments.includes('..'))
    throw new PackageError(`The package has an entry with an unsafe name: ${printable(name)}`);
  if (type === 'directory') {
    entry.resume();
    return;
  }
  if (type !== 'file' && type !== 'contiguous-file')
    throw new PackageError(`The package has an entry that is no file: ${printable(name)} (${String(type)})`);
  const path = segments.join('/');
  if (!/^package\/(?:examples?\/)?[^/]+\.json$/.test(path)) {
    entry.resume();
    return;
  }
  if (files.has(path)) throw new PackageError(`The package has an entry twice: ${printable(path)}`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  try {
    files.set(path, parseJson(text));
  } catch (error) {
    throw new PackageError(`${printable(path)} is no JSON that can be read: ${(error as Error).message}`);
  }
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly canonical?: unknown;
  readonly fhirVersions?: unknown;
  readonly 'fhir-version-list'?: unknown;
  readonly dependencies?: unknown;
}

function toPackage(files: ReadonlyMap<string, unknown>): FhirPackage {
  const manifest = files.get('package/package.json') as Manifest | null | undefined;
  if (typeof manifest !== 'object' || manifest === null)
    throw new PackageError('The package has no package/package.json');
  const { name, version, canonical } = manifest;
  if (typeof name !== 'string' || !PACKAGE_NAME.test(name))
    throw new PackageError('The package has no usable name in package/package.json');
  if (typeof version !== 'string' || !PACKAGE_VERSION.test(version))
    throw new PackageError('The package has no usable version in package/package.json');
  const fhirVersions = textsOf(manifest.fhirVersions ?? manifest['fhir-version-list']);
  if (fhirVersions.length > 0 && !fhirVersions.some((v) => v.startsWith('4.0')))
    throw new PackageError(
      `${name} ${version} is for FHIR ${fhirVersions.join(', ')}, and this server for 4.0`,
    );
  const resources: PackagedResource[] = [];
  const examples: PackagedResource[] = [];
  for (const [file, content] of files) {
    if (OTHER_FILES.has(file.slice(file.lastIndexOf('/') + 1)) || !isResource(content)) continue;
    (/^package\/examples?\//.test(file) ? examples : resources).push({ file, resource: content });
  }
  return {
    name,
    version,
    ...(typeof canonical === 'string' ? { canonical } : {}),
    fhirVersions,
    dependencies: dependenciesOf(manifest.dependencies),
    resources,
    examples,
  };
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];

const dependenciesOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).filter(
      (e): e is [string, string] => PACKAGE_NAME.test(e[0]) && typeof e[1] === 'string',
    ),
  );

const isResource = (value: unknown): value is Resource =>
  isResourceType((value as { resourceType?: string } | null)?.resourceType ?? '');

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
