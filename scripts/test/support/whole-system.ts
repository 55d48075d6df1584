/** `npm start` as a whole for end-to-end tests: supervisor, api, worker, bots and apps on a database of their own. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { createDatabase } from '../../../fhir-server/test/support/database.ts';
import { pickPort } from '../../postgres/port.ts';
import { connect } from '../../seed/backend-client.ts';
import type { DemoFile } from '../../start/demo.ts';
import { settledSystem } from './settled-system.ts';
import { processIds, startSupervisor, stopSupervisor } from './supervisor.ts';

export interface WholeSystem {
  readonly demo: DemoFile;
  readonly databaseUrl: string;
  /** Where the bots listen. */
  readonly botPort: number;
  /** Calls the FHIR API as the demo backend client. Throws when the answer is no success. */
  call<T = Resource>(method: string, path: string, body?: unknown): Promise<T>;
  /** Waits until the search finds as many resources as `until` accepts; answers them. */
  find<T extends Resource>(
    query: string,
    until: (found: readonly T[]) => boolean,
    timeoutMs: number,
  ): Promise<T[]>;
  /** SIGKILL to a process of the system; the supervisor starts it again. */
  kill(part: 'worker.ts' | 'runtime/main.ts' | 'api.ts'): void;
  stop(): Promise<void>;
}

/**
 * Demo data and what the bots made of them are there, unless it is to be a `firstStart`, which finds nothing.
 * @param settings environment variables beside those that the system needs
 */
export async function startWholeSystem(
  settings: Readonly<Record<string, string>> = {},
  { firstStart = false } = {},
): Promise<WholeSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dr-assistant-whole-'));
  const settled = firstStart ? undefined : await settledSystem();
  if (settled !== undefined) cpSync(settled.dataDir, dataDir, { recursive: true });
  const database = await createDatabase(settled);
  const [port, botPort] = [await pickPort(), await pickPort()];
  const supervisor = await startSupervisor({
    ...settings,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    BOT_PORT: String(botPort),
  });
  const demo = JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as DemoFile;
  const { fhirBase, tokenEndpoint, backend } = demo;
  const request = await connect({ fhirBase, tokenEndpoint, ...backend, scope: 'system/*.cruds' });
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await request(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    // The client asks for no body after a write: what was written is read.
    const written = /\/([A-Z]\w+\/[^/]+)\/_history\//.exec(response.headers.get('location') ?? '')?.[1];
    return text === '' && written !== undefined ? call<T>('GET', written) : (JSON.parse(text) as T);
  };
  return {
    demo,
    databaseUrl: database.url,
    botPort,
    call,
    async find<T extends Resource>(
      query: string,
      until: (found: readonly T[]) => boolean,
      timeoutMs: number,
    ) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const bundle = await call<Bundle<T>>('GET', query);
        const found = (bundle.entry ?? []).flatMap((e) => e.resource ?? []);
        if (until(found)) return found;
        if (Date.now() > deadline)
          throw new Error(`${query} after ${timeoutMs} ms: ${JSON.stringify(found).slice(0, 2_000)}`);
        await sleep(100);
      }
    },
    kill(part) {
      for (const pid of processIds(supervisor, part)) process.kill(pid, 'SIGKILL');
    },
    async stop() {
      await stopSupervisor(supervisor);
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
