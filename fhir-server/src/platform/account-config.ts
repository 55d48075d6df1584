/** Settings of log-in, second factor, federation and rate limits, with the identity providers from their file. */
import { readFileSync } from 'node:fs';

/** A clinic's identity provider (OpenID Connect). */
export interface IdentityProvider {
  /** In the redirect URI `<issuer>/federation/<id>/callback` that is registered there. */
  readonly id: string;
  /** On the button of the log-in page. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  /** Sent along with the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether an `amr` with `mfa` or an `acr` of ours for a second factor counts here as well. */
  readonly trustsSecondFactor: boolean;
}

export interface AccountConfig {
  /** Roles whose users must have a second factor. */
  readonly mfaRoles: readonly string[];
  readonly passwordLengthMin: number;
  /** Passwords that are refused besides the shipped list, one a line. */
  readonly passwordListFile: string | undefined;
  readonly identityProviders: readonly IdentityProvider[];
  /** Proxies before the server that add to X-Forwarded-For. */
  readonly trustedProxies: number;
  /** Of one address, to the endpoints of the authorization server. */
  readonly oauthRequestsPerMinute: number;
  /** Refused ones of one address among them. */
  readonly oauthFailuresPerMinute: number;
  /** Of one address, to the FHIR API without a valid token. */
  readonly unauthorizedPerMinute: number;
}

export interface SettingReader {
  readonly list: (name: string) => string[];
  readonly whole: (name: string, fallback: number, min: number, max: number) => number;
  readonly faults: string[];
}

export function loadAccountConfig(
  env: NodeJS.ProcessEnv,
  { list, whole, faults }: SettingReader,
): AccountConfig {
  const providersFile = env['IDENTITY_PROVIDERS_FILE'] ?? '';
  const passwordListFile = env['PASSWORD_LIST_FILE'] ?? '';
  return {
    mfaRoles: list('MFA_ROLES'),
    passwordLengthMin: whole('PASSWORD_LENGTH_MIN', 12, 8, 64),
    passwordListFile: passwordListFile === '' ? undefined : passwordListFile,
    identityProviders: providersFile === '' ? [] : readProviders(providersFile, faults),
    trustedProxies: whole('TRUSTED_PROXIES', 0, 0, 10),
    oauthRequestsPerMinute: whole('OAUTH_REQUESTS_PER_MINUTE', 1_200, 1, 1_000_000),
    oauthFailuresPerMinute: whole('OAUTH_FAILURES_PER_MINUTE', 300, 1, 1_000_000),
    unauthorizedPerMinute: whole('UNAUTHORIZED_PER_MINUTE', 300, 1, 1_000_000),
  };
}

function readProviders(file: string, faults: string[]): IdentityProvider[] {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The text of the error could show a part of the file.
    faults.push('IDENTITY_PROVIDERS_FILE cannot be read, or is no JSON');
    return [];
  }
  const providers = Array.isArray(document) ? document.map((entry) => readProvider(entry, faults)) : [];
  if (!Array.isArray(document)) faults.push('IDENTITY_PROVIDERS_FILE must hold an array');
  if (new Set(providers.map((p) => p.id)).size < providers.length)
    faults.push('IDENTITY_PROVIDERS_FILE names an id twice');
  return providers;
}

function readProvider(entry: unknown, faults: string[]): IdentityProvider {
  const given = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const { parameters = {}, trustsSecondFactor = false } = given;
  const text = (name: string, fallback = ''): string => {
    const value = given[name] ?? fallback;
    if (typeof value === 'string' && value !== '') return value;
    faults.push(`IDENTITY_PROVIDERS_FILE: ${name} is missing, or is no text`);
    return '';
  };
  const id = text('id');
  if (!/^[a-z0-9-]{1,40}$/.test(id))
    faults.push('IDENTITY_PROVIDERS_FILE: id must be of small letters, digits and hyphens');
  const issuer = text('issuer');
  if (!isSafeIssuer(issuer))
    faults.push('IDENTITY_PROVIDERS_FILE: issuer must be an https: URL (http: on loopback only)');
  const isFlat =
    typeof parameters === 'object' &&
    parameters !== null &&
    Object.values(parameters).every((value) => typeof value === 'string');
  if (!isFlat) faults.push('IDENTITY_PROVIDERS_FILE: parameters must be an object of texts');
  if (typeof trustsSecondFactor !== 'boolean')
    faults.push('IDENTITY_PROVIDERS_FILE: trustsSecondFactor must be true or false');
  return {
    id,
    name: text('name'),
    issuer,
    clientId: text('clientId'),
    clientSecret: text('clientSecret'),
    scope: text('scope', 'openid profile email'),
    parameters: isFlat ? (parameters as Record<string, string>) : {},
    trustsSecondFactor: trustsSecondFactor === true,
  };
}

function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  );
}
