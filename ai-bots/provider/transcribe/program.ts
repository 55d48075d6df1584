/** Runs installed programs on files in a private folder that is always removed. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Full path of a program on the PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Standard output as text. Throws when the program fails; its messages are not passed on, they may quote the recording. */
export async function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  try {
    const { stdout } = await run(program, args, { signal, maxBuffer: OUTPUT_MAX_BYTES });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    const code = (error as { code?: unknown }).code;
    throw new Error(`${program.split('/').at(-1) ?? program} failed (${String(code)})`, { cause: error });
  }
}

/** Calls `work` with a new folder that only this user can read, and deletes it whatever happens. */
export async function inPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'visit-scribe-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
