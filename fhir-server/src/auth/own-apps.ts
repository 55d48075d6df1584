/** Which apps act for the user whose token it is, and how he takes that back: for the clinic's own pages beside the account page. */
import express, { type Request, type Response, type Router } from 'express';
import type { Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';
import type { Pool } from '../db/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Config } from '../platform/config.ts';
import { ACCOUNT_CLIENT } from './account/account-client.ts';
import { loadAppAccess, revokeAppAccess } from './account/app-access.ts';
import type { AccountScope } from './client-store.ts';
import { scopeInWords } from './scope-words.ts';
import { noteSecurityEvent } from './security-event.ts';

export interface OwnAppsOptions {
  readonly pool: Pool;
  readonly config: Pick<Config, 'account'>;
  readonly audit: Pick<AuditLog, 'note'>;
  readonly authenticate: (authorization: string | undefined) => Promise<Principal>;
}

/** `GET /apps/access` and `DELETE /apps/<client id>/access`, each with a scope that no other implies. */
export function createOwnApps(options: OwnAppsOptions): Router {
  const { pool } = options;
  const router = express.Router();
  router.get('/apps/access', async (request, response) => {
    const user = await userWith(options, 'account/apps.read', request, response);
    if (user === undefined) return;
    const reader = user.fhirUser?.startsWith('Patient/') === true ? 'patient' : 'clinician';
    const apps = await loadAppAccess(pool, user.userId);
    response.json(
      apps
        .filter(({ clientId }) => clientId !== ACCOUNT_CLIENT)
        .map(({ clientId, name, scopes, since }) => ({
          client_id: clientId,
          client_name: name,
          since: since.toISOString(),
          scopes: scopes.map((scope) => ({ scope, words: scopeInWords(scope, reader) })),
        })),
    );
  });
  router.delete('/apps/:clientId/access', async (request, response) => {
    const user = await userWith(options, 'account/apps.write', request, response);
    if (user === undefined) return;
    const { clientId } = request.params;
    // PostgreSQL's text holds no NUL.
    if (clientId.includes('\0') || !(await revokeAppAccess(pool, user.userId, clientId))) {
      response.status(404).json({ error: 'not_found', error_description: 'This app has no access' });
      return;
    }
    await noteSecurityEvent(options.audit, {
      code: 'access-revoked',
      outcome: '0',
      reason: 'taken back by the user',
      agent: {
        clientId,
        userId: user.userId,
        fhirUser: user.fhirUser,
        address: clientAddress(request, options.config.account.trustedProxies),
      },
    });
    response.status(204).end();
  });
  return router;
}

/** Undefined when the request was answered. Throws FhirError 401. https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
async function userWith(
  { authenticate }: OwnAppsOptions,
  scope: AccountScope,
  request: Request,
  response: Response,
): Promise<(Principal & { readonly userId: string }) | undefined> {
  response.setHeader('Cache-Control', 'no-store');
  const principal = await authenticate(request.headers.authorization);
  const { userId, accountScopes = [] } = principal;
  if (userId !== undefined && accountScopes.includes(scope)) return { ...principal, userId };
  response.setHeader('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scope}"`);
  response
    .status(403)
    .json({ error: 'insufficient_scope', error_description: `The token does not have the scope ${scope}` });
  return undefined;
}
