/** ICD-10-CM in the columns of the order file that CMS publishes, made of the shared table of its codes. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

export async function writeOrderFile(table: string, path: string): Promise<void> {
  const file = createWriteStream(path);
  for await (const line of createInterface({ input: createReadStream(table).pipe(createGunzip()) })) {
    const [order = '', code = '', billable = '', short = '', long = ''] = line.split('\t');
    if (code === 'icd10cm_code') continue;
    const text = `${order.padStart(5, '0')} ${code.padEnd(7)} ${billable} ${short.padEnd(60)} ${long}\r\n`;
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}
