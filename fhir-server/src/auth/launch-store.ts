/** Launch handles of the EHR, and the context that a grant got from a launch or the picker. */
import { randomBytes } from 'node:crypto';
import type { Pool } from '../db/index.ts';
import { secretHash } from './secret-hash.ts';

export interface LaunchContext {
  readonly patient?: string | undefined;
  readonly encounter?: string | undefined;
  readonly intent?: string | undefined;
}

export const LAUNCH_SECONDS = 300;

/** A handle that tells nothing, for one use by this client and this user within five minutes. */
export async function createLaunch(
  pool: Pool,
  clientId: string,
  userId: string,
  context: LaunchContext,
): Promise<string> {
  const launch = randomBytes(24).toString('base64url');
  await pool.query(
    `insert into auth.launch (id, client_id, user_id, patient, encounter, intent, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
    [
      secretHash(launch),
      clientId,
      userId,
      context.patient ?? null,
      context.encounter ?? null,
      context.intent ?? null,
      LAUNCH_SECONDS,
    ],
  );
  return launch;
}

interface ContextRow {
  readonly patient: string | null;
  readonly encounter: string | null;
  readonly intent: string | null;
}

const toContext = (row: ContextRow): LaunchContext => ({
  ...(row.patient === null ? {} : { patient: row.patient }),
  ...(row.encounter === null ? {} : { encounter: row.encounter }),
  ...(row.intent === null ? {} : { intent: row.intent }),
});

/** What a handle of this client leads to, without using it up. */
export async function peekLaunch(
  pool: Pool,
  launch: string,
  clientId: string,
): Promise<LaunchContext | undefined> {
  const { rows } = await pool.query<ContextRow>(
    'select patient, encounter, intent from auth.launch where id = $1 and client_id = $2 and expires_at > now()',
    [secretHash(launch), clientId],
  );
  return rows[0] && toContext(rows[0]);
}

/** Whether the handle could be used by this client; the user is checked when it is redeemed. */
export async function isLaunch(pool: Pool, launch: string, clientId: string): Promise<boolean> {
  return (await peekLaunch(pool, launch, clientId)) !== undefined;
}

/** Undefined when it is unknown, used, expired, or someone else's. */
export async function redeemLaunch(
  pool: Pool,
  launch: string,
  clientId: string,
  userId: string,
): Promise<LaunchContext | undefined> {
  const { rows } = await pool.query<ContextRow>(
    `delete from auth.launch where id = $1 and client_id = $2 and user_id = $3 and expires_at > now()
     returning patient, encounter, intent`,
    [secretHash(launch), clientId, userId],
  );
  return rows[0] && toContext(rows[0]);
}

export async function keepGrantContext(
  pool: Pool,
  grantId: string,
  context: LaunchContext,
  isFromEhr: boolean,
): Promise<void> {
  await pool.query(
    'insert into auth.grant_context (grant_id, patient, encounter, intent, from_ehr) values ($1, $2, $3, $4, $5)',
    [grantId, context.patient ?? null, context.encounter ?? null, context.intent ?? null, isFromEhr],
  );
}

/** What the token answer carries beside the token. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token */
export async function tokenContext(pool: Pool, grantId: string): Promise<Record<string, unknown>> {
  const { rows } = await pool.query<ContextRow & { from_ehr: boolean }>(
    'select patient, encounter, intent, from_ehr from auth.grant_context where grant_id = $1',
    [grantId],
  );
  const row = rows[0];
  if (row === undefined) return {};
  const { patient, encounter, intent } = toContext(row);
  // The EHR page gives way to the app, so the app shows whose record it is.
  return { patient, encounter, intent, need_patient_banner: true };
}
