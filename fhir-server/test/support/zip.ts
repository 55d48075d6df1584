/** A .zip of some files. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** Path → text. */
export function zip(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [path, text] of Object.entries(files)) archive.addBuffer(Buffer.from(text), path);
  archive.end();
  return buffer(archive.outputStream);
}
