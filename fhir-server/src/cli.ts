/** The command line of those who run the server: `node fhir-server/src/cli.ts provision <file>`. */
import { readFile } from 'node:fs/promises';
import { provisionAccounts, type ProvisionDocument } from './auth/index.ts';
import { createPool } from './db/index.ts';
import { loadConfig } from './platform/config.ts';

const USAGE =
  'Usage: cli.ts provision <file>   users and clients from a JSON document (see docs/operations.md)';

async function main([command, file, ...more]: readonly string[]): Promise<void> {
  if (command !== 'provision' || file === undefined || more.length > 0) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const document = JSON.parse(await readFile(file, 'utf8')) as ProvisionDocument;
  const pool = createPool(loadConfig(process.env));
  try {
    await provisionAccounts(pool, document);
    console.log(`${document.users.length} users and ${document.clients.length} clients are in place.`);
  } finally {
    await pool.end();
  }
}

await main(process.argv.slice(2));
