/** What an assertion must say, beyond what oidc-provider looks at. https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html */
import { errors, type Configuration } from 'oidc-provider';
import type { Pool } from '../db/index.ts';
import type { Config } from '../platform/config.ts';
import { loadClient } from './client-store.ts';

const LIFETIME_SECONDS = 5 * 60;
/** What two clocks may differ by. */
const SKEW_SECONDS = 5;

/** Throws invalid_client. */
export function assertionRules(
  pool: Pool,
  config: Config,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  const refuse = (why: string): never => {
    throw new errors.InvalidClientAuth(why);
  };
  return async (_ctx, claims, header, client) => {
    const now = Math.floor(Date.now() / 1000);
    if (typeof claims.exp !== 'number' || claims.exp > now + LIFETIME_SECONDS + SKEW_SECONDS)
      refuse('exp must be at most five minutes ahead');
    // One text and no list: an assertion for several servers could be used at one of them by another.
    if (claims.aud !== `${config.issuer}/token`) refuse('aud must be the URL of the token endpoint');
    if (typeof header.typ !== 'string' || header.typ.toUpperCase() !== 'JWT') refuse('typ must be JWT');
    if (typeof header.kid !== 'string') refuse('kid must name a registered key');
    const { jku } = header;
    if (jku !== undefined && jku !== (await loadClient(pool, client.clientId))?.jwksUri)
      refuse('jku must be the registered URL of the keys');
  };
}
