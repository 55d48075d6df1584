/** The EHR's side of a launch: which apps there are, and a handle to the context for one of them. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#launch-app-ehr-launch */
import express, { type Request, type Response, type Router } from 'express';
import type { Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Config } from '../platform/config.ts';
import { appInWords } from './app-gallery.ts';
import { intentFault } from './check-client.ts';
import { loadClient, type ClientDocument } from './client-store.ts';
import { parseFhirContext, type FhirContextItem } from './fhir-context.ts';
import type { ChartLookup } from './chart-lookup.ts';
import { createLaunch, LAUNCH_SECONDS, type LaunchContext } from './launch-store.ts';
import { noteSecurityEvent } from './security-event.ts';

export interface LaunchRouterOptions extends Pick<ChartLookup, 'mayRead' | 'encounterPatient'> {
  readonly pool: Pool;
  readonly config: Pick<Config, 'fhirBase' | 'issuer' | 'account'>;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly authenticate: (authorization: string | undefined) => Promise<Principal>;
}

interface OAuthFault {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
}

const fault = (status: number, error: string, error_description: string): OAuthFault => ({
  status,
  error,
  error_description,
});
const bad = (description: string): OAuthFault => fault(400, 'invalid_request', description);

/** Only apps registered as an EHR, and only with a user behind the token. Answers a fault otherwise. */
async function authenticateEhr(
  options: LaunchRouterOptions,
  request: Request,
): Promise<Principal | OAuthFault> {
  const principal = await options.authenticate(request.headers.authorization);
  const client = await loadClient(options.pool, principal.clientId);
  if (client?.mayLaunch === true && principal.userId !== undefined) return principal;
  const refusal = fault(403, 'unauthorized_client', 'This app may not launch others');
  await noteLaunch(options, request, principal, { refusal });
  return refusal;
}

function sendFault(response: Response, { status, ...body }: OAuthFault): void {
  response.status(status).json(body);
}

function noteLaunch(
  { audit, config }: LaunchRouterOptions,
  request: Request,
  { clientId, userId, fhirUser }: Principal,
  { refusal, patient }: { refusal?: OAuthFault; patient?: string | undefined },
): Promise<void> {
  return noteSecurityEvent(audit, {
    code: 'launch',
    outcome: refusal === undefined ? '0' : '4',
    ...(refusal === undefined ? {} : { reason: refusal.error_description }),
    agent: { clientId, userId, fhirUser, address: clientAddress(request, config.account.trustedProxies) },
    ...(patient === undefined ? {} : { touched: [[`Patient/${patient}`]] }),
  });
}

export function createLaunchRouter(options: LaunchRouterOptions): Router {
  const router = express.Router();
  router.use('/launch-context', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/launch-context/apps', async (request, response) => {
    const principal = await authenticateEhr(options, request);
    if ('error' in principal) return sendFault(response, principal);
    const { rows } = await options.pool.query<{ document: ClientDocument }>(
      `select document from auth.clients where document ? 'launchUris' order by document->>'name'`,
    );
    response.json(
      rows.flatMap(({ document }) =>
        (document.launchUris ?? []).map((launch_url) => ({
          ...appInWords(document, options.config),
          launch_url,
          launch_intents: document.launchIntents ?? [],
        })),
      ),
    );
  });
  router.post('/launch-context', express.json({ limit: '16kb' }), async (request, response) => {
    const principal = await authenticateEhr(options, request);
    if ('error' in principal) return sendFault(response, principal);
    const prepared = await prepareLaunch(options, principal, (request.body ?? {}) as Record<string, unknown>);
    if ('error' in prepared) {
      await noteLaunch(options, request, principal, { refusal: prepared });
      return sendFault(response, prepared);
    }
    const { client, launchUrl, context } = prepared;
    const launch = await createLaunch(options.pool, client.clientId, principal.userId ?? '', context);
    await noteLaunch(options, request, principal, { patient: context.patient });
    const url = new URL(launchUrl);
    url.searchParams.set('iss', options.config.fhirBase);
    url.searchParams.set('launch', launch);
    response.status(201).json({ launch, launch_url: launchUrl, url: url.href, expires_in: LAUNCH_SECONDS });
  });
  return router;
}

const isId = (id: unknown): id is string => typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id);

interface PreparedLaunch {
  readonly client: ClientDocument;
  readonly launchUrl: string;
  readonly context: LaunchContext;
}

/** Everything that the handle will lead to is something that the user may read himself. */
async function prepareLaunch(
  { pool, mayRead, encounterPatient }: LaunchRouterOptions,
  principal: Principal,
  body: Record<string, unknown>,
): Promise<OAuthFault | PreparedLaunch> {
  const { client_id: clientId, launch_url: wanted, patient, encounter, intent } = body;
  const client = typeof clientId === 'string' ? await loadClient(pool, clientId) : undefined;
  const [first] = client?.launchUris ?? [];
  if (client === undefined || first === undefined) return bad('client_id names no app with a launch URL');
  const launchUrl = wanted === undefined ? first : client.launchUris?.find((url) => url === wanted);
  if (launchUrl === undefined) return bad('launch_url is not registered for this app');
  if (patient !== undefined && !(isId(patient) && (await mayRead(principal, `Patient/${patient}`))))
    return bad('patient is no Patient that you may read');
  if (encounter !== undefined) {
    const whose = isId(encounter) ? await encounterPatient(principal, encounter) : undefined;
    if (whose === undefined || whose !== `Patient/${String(patient)}`)
      return bad('encounter is no Encounter of this patient that you may read');
  }
  const intentWrong = intent === undefined ? undefined : intentFault(intent);
  if (intentWrong !== undefined) return bad(`intent ${intentWrong}`);
  const banner = body['need_patient_banner'];
  if (banner !== undefined && typeof banner !== 'boolean')
    return bad('need_patient_banner must be a boolean');
  const items = body['fhirContext'] === undefined ? undefined : parseFhirContext(body['fhirContext']);
  if (typeof items === 'string') return bad(items);
  if (!(await areReadable(items ?? [], (reference) => mayRead(principal, reference))))
    return bad('fhirContext refers to what you may not read');
  const context: LaunchContext = {
    patient,
    encounter: encounter as string | undefined,
    intent: intent as string | undefined,
    tenant: principal.organization,
    fhirContext: items,
    needPatientBanner: banner,
  };
  return { client, launchUrl, context };
}

async function areReadable(
  items: readonly FhirContextItem[],
  mayRead: (reference: string) => Promise<boolean>,
): Promise<boolean> {
  for (const { reference } of items) if (reference !== undefined && !(await mayRead(reference))) return false;
  return true;
}
