/** What an app needs to know before it asks. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */
import type { Config } from '../platform/config.ts';
import type { Brands } from './brands.ts';
import { SMART_SCOPES } from './client-store.ts';
import { BRANDS_PATH } from './public-router.ts';

export function smartConfiguration(
  { issuer, stateBase }: Pick<Config, 'issuer' | 'stateBase'>,
  brands: Brands,
): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    management_endpoint: `${issuer}/account`,
    revocation_endpoint: `${issuer}/revoke`,
    registration_endpoint: `${issuer}/register`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: [...SMART_SCOPES, 'patient/*.cruds', 'user/*.cruds', 'system/*.cruds'],
    user_access_brand_bundle: `${issuer}${BRANDS_PATH}`,
    user_access_brand_identifier: brands.identifier,
    associated_endpoints: [{ url: stateBase, capabilities: ['smart-app-state'] }],
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'authorize-post',
      'client-public',
      'client-confidential-symmetric',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-style',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}
