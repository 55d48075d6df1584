/** The processes of PostgreSQL that tell a server of changes: a test may make them late, or end them. */
import type { Pool } from '../../src/db/index.ts';

export async function listenersOf(
  pool: Pool,
  channel: 'auth_changed' | 'consents_changed',
): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and query = $1',
    [`listen ${channel}`],
  );
  if (rows.length === 0) throw new Error(`nobody listens to ${channel}`);
  return rows.map(({ pid }) => pid);
}

/** Nothing is heard on the channel while `work` runs. */
export async function whileDeaf(
  pool: Pool,
  channel: 'auth_changed' | 'consents_changed',
  work: () => Promise<void>,
): Promise<void> {
  const stopped = await listenersOf(pool, channel);
  for (const pid of stopped) process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
  }
}
