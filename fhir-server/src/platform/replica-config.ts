/** A streaming replica of the database, for reads that may be a little old. */
import type { SettingReader } from './account-config.ts';

export interface ReplicaConfig {
  readonly url: string;
  /** What was committed longer ago than this is never missing from an answer. */
  readonly stalenessMs: number;
  /** How often a process asks how far the replica has come. */
  readonly pollMs: number;
  /** Without an answer for so long the replica is taken to be gone. */
  readonly timeoutMs: number;
  /** Connections of each process to it. */
  readonly poolSize: number;
}

/** Undefined without DATABASE_REPLICA_URL. Adds to `faults` what is wrong. */
export function loadReplicaConfig(
  env: NodeJS.ProcessEnv,
  { whole, faults }: Pick<SettingReader, 'whole' | 'faults'>,
  databaseUrl: string,
): ReplicaConfig | undefined {
  const url = env['DATABASE_REPLICA_URL'] ?? '';
  const config = {
    url,
    stalenessMs: whole('DATABASE_REPLICA_STALENESS_MS', 2_000, 50, 600_000),
    pollMs: whole('DATABASE_REPLICA_POLL_MS', 50, 5, 60_000),
    timeoutMs: whole('DATABASE_REPLICA_TIMEOUT_MS', 1_000, 50, 60_000),
    poolSize: whole('DATABASE_REPLICA_POOL_SIZE', 12, 1, 1_000),
  };
  if (url === '') return undefined;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    faults.push('DATABASE_REPLICA_URL must be a postgres:// URL');
  else if (URL.canParse(databaseUrl) && placeOf(url) === placeOf(databaseUrl))
    faults.push('DATABASE_REPLICA_URL must not name the server of DATABASE_URL');
  // A sample of the primary must lie within the time that an answer may be old.
  if (config.stalenessMs < 2 * config.pollMs)
    faults.push('DATABASE_REPLICA_STALENESS_MS must be at least twice DATABASE_REPLICA_POLL_MS');
  return config;
}

function placeOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname.toLowerCase()}:${port === '' ? '5432' : port}`;
}
