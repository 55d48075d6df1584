/** Limits on requests of one address: to the authorization server, and to the FHIR API without a valid token. */
import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { FhirError, tooManyRequests } from '../fhir/outcome.ts';
import type { AccountConfig } from '../platform/account-config.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Principal } from '../access/index.ts';
import type { TokenVerifier } from './principal-loader.ts';
import { addressKey, type RateLimit, type RateLimits } from './rate-limit.ts';

const MINUTE = 60;
/** What guesses at secrets, or makes rows in the database. */
const LIMITED = new Set(['/token', '/introspect', '/revoke', '/authorize', '/register']);
/** Of these a refusal may be a guess at a secret. */
const GUESSABLE = new Set(['/token', '/introspect', '/revoke', '/register']);

const perMinute = (limits: RateLimits, name: string, points: number): RateLimit =>
  limits.create({ name, points, seconds: MINUTE, fallback: 'memory' });

/** Answers 429 with Retry-After. Guesses are counted before they are looked at, as many as come at once. */
export function createOAuthLimit(limits: RateLimits, settings: AccountConfig) {
  const requests = perMinute(limits, 'oauth', settings.oauthRequestsPerMinute);
  const failures = perMinute(limits, 'oauth-failure', settings.oauthFailuresPerMinute);
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (!LIMITED.has(request.path) || request.method === 'OPTIONS') return next();
    const key = addressKey(clientAddress(request, settings.trustedProxies));
    const isGuess = GUESSABLE.has(request.path);
    const wait = (await requests.consume(key)) ?? (isGuess ? await failures.consume(key) : undefined);
    if (wait !== undefined) {
      response.set({ 'Retry-After': String(wait), 'Cache-Control': 'no-store' });
      response.status(429).json({
        error: 'temporarily_unavailable',
        error_description: 'too many requests from this address',
      });
      return;
    }
    if (isGuess)
      response.once('finish', () => {
        if (response.statusCode < 400) void failures.reward(key).catch(() => undefined);
      });
    next();
  };
}

export interface LimitedVerifier extends Pick<TokenVerifier, 'doubt' | 'close'> {
  authenticate(authorization: string | undefined, request?: IncomingMessage): Promise<Principal>;
}

/** A valid token is never limited: a whole clinic may come from one address. */
export function limitUnauthorized(
  verifier: TokenVerifier,
  limits: RateLimits,
  settings: AccountConfig,
): LimitedVerifier {
  const refusals = perMinute(limits, 'unauthorized', settings.unauthorizedPerMinute);
  return {
    async authenticate(authorization, request) {
      try {
        return await verifier.authenticate(authorization);
      } catch (error) {
        if (request === undefined || !(error instanceof FhirError) || error.status !== 401) throw error;
        const wait = await refusals.consume(addressKey(clientAddress(request, settings.trustedProxies)));
        if (wait === undefined) throw error;
        throw tooManyRequests('Too many requests without a valid access token from this address', wait);
      }
    },
    doubt: () => verifier.doubt(),
    close: () => verifier.close(),
  };
}
