/** What the access decision costs: the same reads by who has no limits, by a backend service, and by a doctor. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { provisionAccounts } from '../../fhir-server/src/auth/index.ts';
import { secretHash } from '../../fhir-server/src/auth/secret-hash.ts';
import type { Measurement } from './measure.ts';
import type { Row } from './report.ts';
import type { System } from './system.ts';
import type { Workload } from './workloads.ts';

const CLINIC = 'Organization/bench';
const TOKEN_SECONDS = 3_600;
/** A burst is to last so long: shorter than what disturbs it, longer than it takes to begin and to end. */
const BURST_MS = 40;

/** Patients of the clinic for which the doctor acts. */
export const ofClinic = (bundle: string): string =>
  bundle.replaceAll(
    /"resourceType":\s*"Patient",/g,
    `"resourceType":"Patient","managingOrganization":{"reference":"${CLINIC}"},`,
  );

/** Accounts that differ in what limits them; tokens by name. */
export async function rightsTokens({ database, origin }: System): Promise<ReadonlyMap<string, string>> {
  await provisionAccounts(database, {
    users: [
      {
        username: 'bench-doctor',
        password: randomBytes(16).toString('base64'),
        role: 'doctor',
        fhirUser: 'Practitioner/bench',
        organization: CLINIC,
      },
    ],
    clients: [{ clientId: 'bench-service', name: 'Service', secret: randomUUID(), scope: 'system/*.cruds' }],
  });
  const { rows } = await database.query<{ id: string }>(
    `select id::text as id from auth.users where username = 'bench-doctor'`,
  );
  const accountId = rows[0]!.id;
  const make = async (model: string, payload: object): Promise<string> => {
    const token = randomBytes(32).toString('base64url');
    await database.query(
      `insert into auth.oidc (model, id, payload, expires_at) values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [model, secretHash(token), { ...payload, aud: `${origin}/fhir/R4` }, TOKEN_SECONDS],
    );
    return token;
  };
  return new Map([
    ['unlimited', await make('ClientCredentials', { clientId: 'bench', scope: 'system/*.cruds' })],
    ['service', await make('ClientCredentials', { clientId: 'bench-service', scope: 'system/*.cruds' })],
    ['doctor', await make('AccessToken', { clientId: 'bench', accountId, scope: 'user/*.cruds' })],
  ]);
}

/**
 * A row for each workload and account. The same few requests are sent by all of them one after the other, in changing order, so
 * that what else the machine does meets all alike; `ofCeiling` is the middle of the shares of the unlimited one's time in theirs.
 */
export async function measureRights(
  { system, connections, durationMs, warmUpMs }: Measurement,
  { name: work, requests, expected }: Workload,
  scale: string,
  tokens: ReadonlyMap<string, string>,
): Promise<Row[]> {
  const accounts = [...tokens];
  const pool = new Pool(system.origin, { connections, pipelining: 1 });
  const latencies: number[][] = accounts.map(() => []);
  const errors = accounts.map(() => 0);
  const times: number[][] = [];

  async function burst(account: number, from: number, size: number): Promise<number> {
    const headers = { accept: 'application/fhir+json', authorization: `Bearer ${accounts[account]![1]}` };
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < size) {
        const { path } = requests[(from + next++) % requests.length]!;
        const sentAt = performance.now();
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
        await body.arrayBuffer();
        latencies[account]!.push(performance.now() - sentAt);
        if (!expected.includes(statusCode)) errors[account]! += 1;
      }
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: connections }, worker));
    return (performance.now() - begin) / size;
  }

  const countFrom = performance.now() + warmUpMs;
  const until = countFrom + durationMs * accounts.length;
  let size = connections;
  for (let turn = 0; performance.now() < until; turn += 1) {
    const isCounted = performance.now() >= countFrom;
    const taken: number[] = [];
    for (let step = 0; step < accounts.length; step += 1) {
      const account = (turn + step) % accounts.length;
      taken[account] = await burst(account, turn * size, size);
    }
    if (isCounted) times.push(taken);
    else size = connections * Math.max(1, Math.round(BURST_MS / taken[0]! / connections));
  }
  await pool.close();
  return accounts.map(([name], account) => ({
    scale,
    work: `${work} (${name})`,
    perSecond: 1_000 / quantile(times.map((taken) => taken[account]!), 0.5),
    p50Ms: quantile(latencies[account]!, 0.5),
    p99Ms: quantile(latencies[account]!, 0.99),
    errors: errors[account]!,
    ...(account === 0 ? {} : { ofCeiling: quantile(times.map((taken) => taken[0]! / taken[account]!), 0.5) }),
  })); // prettier-ignore
}

const quantile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * share)] ?? NaN;
