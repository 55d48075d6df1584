/** Which of its registered ways a client uses in the request at hand. https://www.rfc-editor.org/rfc/rfc6749#section-2.3 */
import { decodeProtectedHeader } from 'jose';
import Provider, { errors, type AdapterPayload, type KoaContextWithOIDC } from 'oidc-provider';
import type { Pool } from '../db/index.ts';
import type { ClientKeys } from './client-keys.ts';
import { authMethods, clientMetadata, isBackend, loadClient, type ClientAuthMethod } from './client-store.ts';

const ROUTES = ['token', 'introspection', 'revocation'];

/** For oidc-provider, with the keys by which an assertion can be verified. Throws invalid_client for a way not registered. */
export async function clientOf(
  pool: Pool,
  keys: ClientKeys,
  id: string,
): Promise<AdapterPayload | undefined> {
  const client = await loadClient(pool, id);
  if (client === undefined) return undefined;
  const { ctx } = Provider;
  // Once the caller is known, other clients are looked up, who do not authenticate.
  const isAuthenticating =
    ctx !== undefined && ROUTES.includes(ctx.oidc.route) && ctx.oidc.client === undefined;
  const used = isAuthenticating ? methodUsed(ctx) : undefined;
  if (used === undefined) return clientMetadata(client, undefined, { keys: [] });
  if (!authMethods(client).includes(used))
    throw new errors.InvalidClientAuth('the client is registered for another way of authentication');
  // RFC 6749 section 4.4: whoever acts for himself is confidential. One registered without secret and keys is nobody.
  if (used === 'none' && isBackend(client))
    throw new errors.InvalidClientAuth('a backend service authenticates');
  const assertion = ctx?.oidc.params?.['client_assertion'];
  return clientMetadata(
    client,
    used,
    used === 'private_key_jwt' ? await keys.of(client, kidOf(assertion)) : { keys: [] },
  );
}

function methodUsed({ headers, oidc }: KoaContextWithOIDC): ClientAuthMethod {
  if (oidc.params?.['client_assertion'] !== undefined) return 'private_key_jwt';
  if (oidc.params?.['client_secret'] !== undefined) return 'client_secret_post';
  return headers.authorization === undefined ? 'none' : 'client_secret_basic';
}

function kidOf(assertion: unknown): string | undefined {
  try {
    return decodeProtectedHeader(String(assertion)).kid;
  } catch {
    return undefined;
  }
}
