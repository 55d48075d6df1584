/** Content of Binary resources in a local folder, streamed both ways. https://hl7.org/fhir/R4/binary.html */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BinaryStore, measured } from './binary-store.ts';

/** Of a write under way. No key ends like this, for an id may, but what follows it in the key does not. */
const DRAFT = '.part';

export function createBinaryFolder(folder: string): BinaryStore {
  // Keys begin with FHIR ids (letters, digits, hyphen, dot), but `..` is one too: the prefix keeps it a plain name.
  const path = (key: string): string => join(folder, `b${key.slice(0, 2).toLowerCase()}`, `b${key}`);
  return {
    async write(key, source, maxBytes) {
      const target = path(key);
      const draft = `${target}${DRAFT}`;
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      try {
        const measure = await measured(source, maxBytes, (content) =>
          pipeline(content, createWriteStream(draft, { mode: 0o600, flush: true })),
        );
        await rename(draft, target);
        await syncFolder(dirname(target));
        return measure;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async size(key) {
      return stat(path(key)).then(
        (s) => s.size,
        () => undefined,
      );
    },
    async open(key, range) {
      const handle = await open(path(key), 'r').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      // With the handle the file is there to the end, whoever removes it meanwhile.
      return handle && createReadStream('', { fd: handle, ...range });
    },
    async remove(key) {
      await rm(path(key), { force: true });
      await rm(`${path(key)}${DRAFT}`, { force: true });
    },
    async *list() {
      for await (const { name, modifiedAt } of filesIn(folder))
        if (!name.endsWith(DRAFT)) yield { key: name.slice(1), modifiedAt };
    },
    async endWrites(before) {
      let count = 0;
      for await (const { name, modifiedAt, file } of filesIn(folder)) {
        if (!name.endsWith(DRAFT) || modifiedAt >= before) continue;
        await rm(file, { force: true });
        count += 1;
      }
      return count;
    },
  };
}

/** One folder of them at a time. */
async function* filesIn(folder: string): AsyncGenerator<{ name: string; file: string; modifiedAt: Date }> {
  const entries = (path: string): Promise<string[]> =>
    readdir(path).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    });
  for (const part of (await entries(folder)).toSorted()) {
    for (const name of (await entries(join(folder, part))).toSorted()) {
      const file = join(folder, part, name);
      const found = await stat(file).catch(() => undefined);
      if (found?.isFile() === true && name.startsWith('b')) yield { name, file, modifiedAt: found.mtime };
    }
  }
}

/** A renamed file survives a power cut only when its folder's entry is on disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
