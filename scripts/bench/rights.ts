/** What the access decision costs: the same reads by who has no limits, by a backend service, and by a doctor. */
import { randomBytes, randomUUID } from 'node:crypto';
import { provisionAccounts } from '../../fhir-server/src/auth/index.ts';
import { secretHash } from '../../fhir-server/src/auth/secret-hash.ts';
import { measure, type Measurement } from './measure.ts';
import type { Row } from './report.ts';
import type { System } from './system.ts';
import type { Workload } from './workloads.ts';

const CLINIC = 'Organization/bench';
const TOKEN_SECONDS = 3_600;
/** Measured in turns, so that what else the machine does meets all alike. */
const TURNS = 3;

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

/** A row for each workload and account; `ofCeiling` is the share of what the unlimited one reaches. */
export async function measureRights(
  measurement: Measurement,
  workload: Workload,
  scale: string,
  tokens: ReadonlyMap<string, string>,
): Promise<Row[]> {
  const turns: Row[][] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const row: Row[] = [];
    for (const [name, token] of tokens) {
      const system = { ...measurement.system, token: () => Promise.resolve(token) };
      const named = { ...workload, name: `${workload.name} (${name})` };
      row.push(await measure({ ...measurement, system }, named, scale, undefined));
    }
    turns.push(row);
  }
  const best = [...tokens.keys()].map(
    (_, i) => turns.map((row) => row[i]!).toSorted((a, b) => b.perSecond - a.perSecond)[0]!,
  );
  return best.map((row, i) => (i === 0 ? row : { ...row, ofCeiling: row.perSecond / best[0]!.perSecond }));
}
