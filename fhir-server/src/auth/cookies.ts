/** Cookies of the authorization server. https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-20.html#name-cookie-name-prefixes */
import type { Config } from '../platform/config.ts';

const isHttps = ({ issuer }: Pick<Config, 'issuer'>): boolean => issuer.startsWith('https:');

export const sessionCookie = (config: Pick<Config, 'issuer'>) =>
  ({ httpOnly: true, sameSite: 'lax', signed: true, secure: isHttps(config), path: '/' }) as const;

/** That of an interaction is for its own path, which `__Host-` does not allow. */
export const cookieNames = (config: Pick<Config, 'issuer'>) =>
  isHttps(config)
    ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
    : { session: 'session', interaction: 'interaction', resume: 'resume' };
