/** The EHR's side of a launch: which apps there are, and a handle to the context for one of them. */
import express, { type Request, type Response, type Router } from 'express';
import type { Principal } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import { loadClient, type ClientDocument } from './client-store.ts';
import type { ChartLookup } from './chart-lookup.ts';
import { createLaunch, LAUNCH_SECONDS } from './launch-store.ts';

export interface LaunchRouterOptions extends Pick<ChartLookup, 'mayRead' | 'encounterPatient'> {
  readonly pool: Pool;
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

/** Only apps registered as an EHR, and only with a user behind the token. Answers a fault otherwise. */
async function authenticateEhr(
  options: LaunchRouterOptions,
  request: Request,
): Promise<Principal | OAuthFault> {
  const principal = await options.authenticate(request.headers.authorization);
  const client = await loadClient(options.pool, principal.clientId);
  if (client?.mayLaunch === true && principal.userId !== undefined) return principal;
  return fault(403, 'unauthorized_client', 'This app may not launch others');
}

function sendFault(response: Response, { status, ...body }: OAuthFault): void {
  response.status(status).json(body);
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
      `select document from auth.clients where document ? 'launchUri' order by document->>'name'`,
    );
    response.json(
      rows.map(({ document: d }) => ({
        client_id: d.clientId,
        client_name: d.name,
        launch_url: d.launchUri,
      })),
    );
  });
  router.post('/launch-context', express.json({ limit: '16kb' }), async (request, response) => {
    const principal = await authenticateEhr(options, request);
    if ('error' in principal) return sendFault(response, principal);
    const launch = await prepareLaunch(options, principal, (request.body ?? {}) as Record<string, unknown>);
    if ('error' in launch) return sendFault(response, launch);
    response.status(201).json(launch);
  });
  return router;
}

const isId = (id: unknown): id is string => typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id);

async function prepareLaunch(
  { pool, mayRead, encounterPatient }: LaunchRouterOptions,
  principal: Principal,
  body: Record<string, unknown>,
): Promise<OAuthFault | { launch: string; launch_url: string; expires_in: number }> {
  const { client_id: clientId, patient, encounter, intent } = body;
  const client = typeof clientId === 'string' ? await loadClient(pool, clientId) : undefined;
  if (client?.launchUri === undefined)
    return fault(400, 'invalid_request', 'client_id names no app with a launch URL');
  if (patient !== undefined && !(isId(patient) && (await mayRead(principal, `Patient/${patient}`))))
    return fault(400, 'invalid_request', 'patient is no Patient that you may read');
  if (encounter !== undefined) {
    const whose = isId(encounter) ? await encounterPatient(principal, encounter) : undefined;
    if (whose === undefined || whose !== `Patient/${String(patient)}`)
      return fault(400, 'invalid_request', 'encounter is no Encounter of this patient that you may read');
  }
  if (intent !== undefined && typeof intent !== 'string')
    return fault(400, 'invalid_request', 'intent must be text');
  const context = {
    patient,
    encounter: encounter as string | undefined,
    intent,
  };
  const launch = await createLaunch(pool, client.clientId, principal.userId ?? '', context);
  return { launch, launch_url: client.launchUri, expires_in: LAUNCH_SECONDS };
}
