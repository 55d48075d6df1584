/** The files of a release: of a folder, of a .zip as it was downloaded, or one file alone, also under gzip. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { LoadError } from './load-error.ts';

export interface ReleaseFile {
  /** Its path within the release, with slashes. */
  readonly path: string;
  /** In bytes, unpacked; undefined where only reading it tells. */
  readonly size: number | undefined;
  /** Another content has another one. */
  readonly stamp: string;
  open(): Promise<Readable>;
}

export interface Release {
  /** As the operator named it. */
  readonly path: string;
  readonly files: readonly ReleaseFile[];
  close(): Promise<void>;
}

/** Throws LoadError for what is not there or no archive. */
export async function openRelease(path: string): Promise<Release> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new LoadError(`${path} is not there, or may not be read`);
  const none = (): Promise<void> => Promise.resolve();
  if (found.isDirectory()) return { path, files: await filesBelow(path), close: none };
  if (/\.zip$/i.test(path)) return openZip(path);
  return { path, files: [await plainFile(path, basename(path))], close: none };
}

/** The one file whose path matches. Throws LoadError for none and for several. */
export function fileOf(release: Release, pattern: RegExp, what: string): ReleaseFile {
  const found = optionalFile(release, pattern, what);
  if (found === undefined) throw new LoadError(`${release.path} has no ${what}`);
  return found;
}

/** Throws LoadError for several. */
export function optionalFile(release: Release, pattern: RegExp, what: string): ReleaseFile | undefined {
  const [file, other] = release.files.filter(({ path }) => pattern.test(path));
  if (other !== undefined)
    throw new LoadError(
      `${release.path} has more than one ${what}: ${file!.path} and ${other.path}; name the folder of one release`,
    );
  return file;
}

async function filesBelow(folder: string): Promise<ReleaseFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map((path) => plainFile(path, relative(folder, path).replaceAll(sep, '/'))),
  );
}

async function plainFile(path: string, name: string): Promise<ReleaseFile> {
  const { size, mtimeMs } = await stat(path);
  const stamp = `${size} ${mtimeMs}`;
  if (!/\.gz$/i.test(name))
    return { path: name, size, stamp, open: () => Promise.resolve(createReadStream(path)) };
  return {
    path: name.slice(0, -3),
    size: undefined,
    stamp,
    // A fault of the source reaches whoever reads the result.
    open: () => Promise.resolve(pipeline(createReadStream(path), createGunzip(), () => undefined)),
  };
}

async function openZip(path: string): Promise<Release> {
  try {
    const zip = await openPromise(path, { autoClose: false });
    const files: ReleaseFile[] = [];
    for await (const entry of zip.eachEntry())
      if (!entry.fileName.endsWith('/')) files.push(zippedFile(zip, entry));
    return { path, files, close: () => Promise.resolve(zip.close()) };
  } catch (error) {
    throw new LoadError(`${path} cannot be read as a .zip: ${(error as Error).message}`);
  }
}

const zippedFile = (zip: ZipFile, entry: Entry): ReleaseFile => ({
  path: entry.fileName,
  size: entry.uncompressedSize,
  stamp: `${entry.uncompressedSize} ${entry.crc32}`,
  open: () => zip.openReadStreamPromise(entry),
});
