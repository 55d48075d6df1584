/** `cli.ts provision <file>`: users and clients from a JSON document. */
import { readFile } from 'node:fs/promises';
import { provisionAccounts, type ProvisionDocument } from '../auth/index.ts';
import { createPool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';

export async function provision(config: Config, file: string): Promise<void> {
  const document = JSON.parse(await readFile(file, 'utf8')) as ProvisionDocument;
  const pool = createPool(config);
  try {
    await provisionAccounts(pool, document);
    console.log(`${document.users.length} users and ${document.clients.length} clients are in place.`);
  } finally {
    await pool.end();
  }
}
