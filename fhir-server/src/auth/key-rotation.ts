/** Signing keys take turns while the server runs: every process follows, and all that can verify are published. */
import express, { type RequestHandler, type Router } from 'express';
import type { Pool } from '../db/index.ts';
import type { SigningKeyConfig } from '../platform/signing-key-config.ts';
import type { Logger } from '../platform/logger.ts';
import { loadSigningKeys, publicKeys, type SigningKeys } from './signing-keys.ts';

export interface KeyRotationOptions {
  readonly pool: Pool;
  readonly settings: SigningKeyConfig;
  readonly logger: Logger;
  /** What signs with these keys. */
  readonly handlerFor: (keys: SigningKeys['keys']) => RequestHandler;
}

export interface KeyRotation {
  /** The handler for the keys of the moment. */
  readonly handler: RequestHandler;
  readonly stop: () => void;
}

/** Requests under way end with the keys with which they began. */
export async function followSigningKeys(options: KeyRotationOptions): Promise<KeyRotation> {
  const { pool, settings, logger, handlerFor } = options;
  let found = await loadSigningKeys(pool, settings);
  let current = handlerFor(found.keys);
  const look = async (): Promise<void> => {
    const known = found.state;
    found = await loadSigningKeys(pool, settings);
    if (found.state !== known) current = handlerFor(found.keys);
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => logger.warn({ err: error }, 'signing keys not looked at'));
  }, settings.pollMs).unref();
  return {
    handler: (request, response, next) => current(request, response, next),
    stop: () => clearInterval(timer),
  };
}

/**
 * https://www.rfc-editor.org/rfc/rfc7517#section-5, from the database: a process that has not looked yet publishes a new
 * key as well.
 */
export function createJwksRouter(pool: Pool): Router {
  const router = express.Router();
  router.get('/jwks', async (_request, response) => {
    const keys = await publicKeys(pool);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cache-Control', `public, max-age=${JWKS_SECONDS}`);
    response.setHeader('Content-Type', 'application/jwk-set+json; charset=utf-8');
    response.end(JSON.stringify({ keys }));
  });
  return router;
}

/** How long clients may keep the keys: less than a key is published ahead of its use. */
export const JWKS_SECONDS = 300;
