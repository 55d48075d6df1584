/** `cli.ts registration token`: lets the maker of an app register it himself. */
import { createInitialAccess, scopeFault } from '../auth/index.ts';
import { createPool } from '../db/index.ts';
import { ConfigError, type Config } from '../platform/config.ts';
import { createRegistry } from '../reindex/index.ts';

const DAYS = { fallback: 7, max: 365 };
const USES = { fallback: 1, max: 1_000 };

/** Writes the token, and nothing else, to the standard output. */
export async function issueRegistrationToken(
  config: Config,
  scope: string,
  { days, uses }: { readonly days?: string | undefined; readonly uses?: string | undefined },
): Promise<void> {
  const fault = scopeFault(scope, { registry: createRegistry(), baseUrl: config.fhirBase });
  if (fault !== undefined) throw new ConfigError(`The text of scopes ${fault}`);
  const access = { scope, days: whole('--days', days, DAYS), uses: whole('--uses', uses, USES) };
  const pool = createPool(config);
  try {
    console.log(await createInitialAccess(pool, access));
  } finally {
    await pool.end();
  }
}

function whole(name: string, text: string | undefined, { fallback, max }: typeof DAYS): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new ConfigError(`${name} must be a whole number from 1 to ${max}`);
  return value;
}
