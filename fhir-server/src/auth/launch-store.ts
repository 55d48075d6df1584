/** Launch handles of the EHR, and the context that a grant got from a launch or the picker. */
import { randomBytes } from 'node:crypto';
import type { Pool } from '../db/index.ts';
import type { FhirContextItem } from './fhir-context.ts';
import { secretHash } from './secret-hash.ts';
import { styleUrl, type StyledServer } from './style.ts';

export interface LaunchContext {
  readonly patient?: string | undefined;
  readonly encounter?: string | undefined;
  readonly intent?: string | undefined;
  /** For which organization of the EHR it is launched: a word that tells nothing to others. */
  readonly tenant?: string | undefined;
  readonly fhirContext?: readonly FhirContextItem[] | undefined;
  /** False where the EHR shows beside the app whose record it is. */
  readonly needPatientBanner?: boolean | undefined;
}

export const LAUNCH_SECONDS = 300;

const COLUMNS = 'patient, encounter, intent, tenant, fhir_context, need_patient_banner';

interface ContextRow {
  readonly patient: string | null;
  readonly encounter: string | null;
  readonly intent: string | null;
  readonly tenant: string | null;
  readonly fhir_context: readonly FhirContextItem[] | null;
  readonly need_patient_banner: boolean;
}

/** In the order of COLUMNS. */
const toValues = (context: LaunchContext): unknown[] => [
  context.patient ?? null,
  context.encounter ?? null,
  context.intent ?? null,
  context.tenant ?? null,
  context.fhirContext === undefined ? null : JSON.stringify(context.fhirContext),
  context.needPatientBanner ?? true,
];

const toContext = (row: ContextRow): LaunchContext => ({
  ...(row.patient === null ? {} : { patient: row.patient }),
  ...(row.encounter === null ? {} : { encounter: row.encounter }),
  ...(row.intent === null ? {} : { intent: row.intent }),
  ...(row.tenant === null ? {} : { tenant: row.tenant }),
  ...(row.fhir_context === null ? {} : { fhirContext: row.fhir_context }),
  needPatientBanner: row.need_patient_banner,
});

/** A handle that tells nothing, for one use by this client and this user within five minutes. */
export async function createLaunch(
  pool: Pool,
  clientId: string,
  userId: string,
  context: LaunchContext,
): Promise<string> {
  const launch = randomBytes(24).toString('base64url');
  await pool.query(
    `insert into auth.launch (id, client_id, user_id, expires_at, ${COLUMNS})
     values ($1, $2, $3, now() + make_interval(secs => $4), $5, $6, $7, $8, $9, $10)`,
    [secretHash(launch), clientId, userId, LAUNCH_SECONDS, ...toValues(context)],
  );
  return launch;
}

/** What a handle of this client leads to, without using it up. */
export async function peekLaunch(
  pool: Pool,
  launch: string,
  clientId: string,
): Promise<LaunchContext | undefined> {
  const { rows } = await pool.query<ContextRow>(
    `select ${COLUMNS} from auth.launch where id = $1 and client_id = $2 and expires_at > now()`,
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
     returning ${COLUMNS}`,
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
    `insert into auth.grant_context (grant_id, from_ehr, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [grantId, isFromEhr, ...toValues(context)],
  );
}

/**
 * What the token answer carries beside the token; the style is told to apps that an EHR launched.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token
 */
export async function tokenContext(
  pool: Pool,
  config: StyledServer,
  grantId: string,
): Promise<Record<string, unknown>> {
  const { rows } = await pool.query<ContextRow & { from_ehr: boolean }>(
    `select ${COLUMNS}, from_ehr from auth.grant_context where grant_id = $1`,
    [grantId],
  );
  const row = rows[0];
  if (row === undefined) return {};
  const { needPatientBanner, ...context } = toContext(row);
  return {
    ...context,
    need_patient_banner: needPatientBanner,
    ...(row.from_ehr ? { smart_style_url: styleUrl(config) } : {}),
  };
}
