/** Apps that people may choose among: what each says of itself, and for patients what it would ask for. */
import express, { type Router } from 'express';
import { parseScope, type Principal } from '../access/index.ts';
import type { Pool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import { logoPath } from './app-logo.ts';
import { type ClientDocument, STATIC_SCOPES } from './client-store.ts';
import { scopeInWords } from './scope-words.ts';

/** https://www.rfc-editor.org/rfc/rfc7591#section-2 */
export interface AppInWords {
  readonly client_id: string;
  readonly client_name: string;
  readonly client_uri?: string;
  readonly policy_uri?: string;
  /** The copy that this server gives. */
  readonly logo_uri?: string;
}

export function appInWords(
  { clientId, name, clientUri, policyUri, logoUri }: ClientDocument,
  { issuer }: Pick<Config, 'issuer'>,
): AppInWords {
  return {
    client_id: clientId,
    client_name: name,
    ...(clientUri === undefined ? {} : { client_uri: clientUri }),
    ...(policyUri === undefined ? {} : { policy_uri: policyUri }),
    ...(logoUri === undefined ? {} : { logo_uri: `${issuer}${logoPath(clientId)}` }),
  };
}

export interface AppGalleryOptions {
  readonly pool: Pool;
  readonly config: Pick<Config, 'issuer'>;
  readonly authenticate: (authorization: string | undefined) => Promise<Principal>;
}

/** `GET /apps`: those that a patient may connect, for whoever is logged in. They begin at their home pages. */
export function createAppGallery({ pool, config, authenticate }: AppGalleryOptions): Router {
  const router = express.Router();
  router.get('/apps', async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    const { userId } = await authenticate(request.headers.authorization);
    if (userId === undefined) {
      response.status(403).json({ error: 'access_denied', error_description: 'Apps are shown to people' });
      return;
    }
    const { rows } = await pool.query<{ document: ClientDocument }>(
      `select document from auth.clients where document ? 'redirectUris' and document ? 'clientUri'
       order by document->>'name', client_id`,
    );
    response.json(
      rows.flatMap(({ document }) => {
        const scopes = patientScopes(document);
        return scopes.length === 0 ? [] : [{ ...appInWords(document, config), scopes }];
      }),
    );
  });
  return router;
}

/** What it is registered to ask a patient for, in words; nothing of an app that is for others. */
function patientScopes({ scope }: ClientDocument): { scope: string; words: string }[] {
  const asked = scope.split(' ').filter(Boolean);
  const ofPatients = asked.filter((text) => parseScope(text)?.level === 'patient');
  if (!asked.includes('launch/patient') || ofPatients.length === 0) return [];
  const others = asked.filter((text) => STATIC_SCOPES.includes(text) && !text.startsWith('launch'));
  return [...ofPatients, ...others].map((text) => ({ scope: text, words: scopeInWords(text, 'patient') }));
}
