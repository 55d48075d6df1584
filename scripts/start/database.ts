/** The database of `npm start`: the embedded one, kept up, or the one at DATABASE_URL. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded-postgres.ts';
import { logLine } from './log.ts';
import type { StartOptions } from './options.ts';

export interface Database {
  readonly url: string;
  /** For people, without the password. */
  readonly label: string;
  stop(): Promise<void>;
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `PostgreSQL at ${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}

/** Starts the server and starts it again on the same port if it ends by itself. */
async function keepEmbedded(options: StartOptions): Promise<Database> {
  const start = async (port: number | undefined): Promise<EmbeddedPostgres> =>
    await startEmbeddedPostgres({ folder: options.dataDir, ...(port === undefined ? {} : { port }) });
  let current = await start(options.databasePort);
  let stopping = false;
  const { url, port, dataDir, account } = current;
  if (account !== undefined) logLine('postgres', `runs as ${account}, because PostgreSQL refuses root`);
  if (!dataDir.startsWith(options.dataDir)) {
    logLine(
      'postgres',
      `its data are in ${dataDir}, because ${account ?? 'it'} may not enter ${options.dataDir}`,
    );
  }
  const keepUp = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping) return;
      logLine('postgres', 'ended unexpectedly, starting again');
      await sleep(500);
      try {
        current = await start(port);
      } catch (error) {
        logLine('postgres', (error as Error).message);
        await sleep(5_000);
      }
    }
  };
  void keepUp();
  return {
    url,
    label: `embedded PostgreSQL on port ${port}`,
    async stop() {
      stopping = true;
      await current.stop();
    },
  };
}

export async function openDatabase(options: StartOptions): Promise<Database> {
  const url = options.databaseUrl;
  if (url === undefined) return await keepEmbedded(options);
  return { url, label: withoutPassword(url), stop: () => Promise.resolve() };
}
