/** A second api beside a test server, which reads from a replica and tells which of its searches it read there. */
import type pg from 'pg';
import { createPool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { startSecondApi } from './second-api.ts';
import type { TestServer } from './server.ts';

const ANSWER_MS = 30_000;

export interface ReplicatedApi {
  readonly port: number;
  call<T = unknown>(
    method: string,
    path: string,
    token: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: T }>;
  clientToken(clientId: string, secret: string, scope: string): Promise<string>;
  /** Searches by the machine that answered them: `replica`, or why it was the primary. */
  reads(): Promise<ReadonlyMap<string, number>>;
  lagSeconds(): Promise<number>;
  onPrimary(sql: string): Promise<pg.QueryResult<Record<string, unknown>>>;
  close(): Promise<void>;
}

export async function startReplicatedApi(
  server: TestServer,
  env: Readonly<Record<string, string>>,
): Promise<ReplicatedApi> {
  const api = await startSecondApi(server, { METRICS_PORT: '0', ...env });
  const pool = createPool({
    ...loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'x'.repeat(32) }),
    databasePoolSize: 2,
  });
  const figures = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${api.metricsPort}/metrics`)).text();
  return {
    port: api.port,
    async call<T>(
      method: string,
      path: string,
      token: string,
      body?: object,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const response = await fetch(`http://127.0.0.1:${api.port}/fhir/R4/${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body && { 'Content-Type': 'application/fhir+json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
    },
    async clientToken(clientId, secret, scope) {
      const response = await fetch(`http://127.0.0.1:${api.port}/oauth2/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
      });
      const answer = (await response.json()) as { access_token?: string };
      if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
      return answer.access_token;
    },
    async reads() {
      const lines = (await figures()).matchAll(
        /^fhir_replica_reads_total\{target="(\w+)",reason="(\w*)"\} (\d+)$/gm,
      );
      return new Map([...lines].map(([, target, reason, count]) => [reason || target!, Number(count)]));
    },
    lagSeconds: async () =>
      Number(/^fhir_replica_lag_seconds (.+)$/m.exec(await figures())?.[1]?.replace('+Inf', 'Infinity')),
    onPrimary: (sql) => pool.query(sql),
    async close() {
      await api.close();
      await pool.end();
    },
  };
}
