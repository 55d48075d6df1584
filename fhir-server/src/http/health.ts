/** Whether the process lives, and whether it can serve: `/livez` and `/readyz`. */
import express, { type Router } from 'express';
import { isReachable, type Pool } from '../db/index.ts';
import type { Drain } from './drain.ts';

export function createHealth(pool: Pool, drain: Pick<Drain, 'hasBegun'>): Router {
  const router = express.Router();
  router.get('/livez', (_request, response) => {
    response.type('text/plain').end('ok');
  });
  router.get('/readyz', async (_request, response) => {
    if (drain.hasBegun) {
      response.status(503).type('text/plain').end('the server is stopping');
      return;
    }
    const isReady = await isReachable(pool);
    response
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .end(isReady ? 'ok' : 'the database cannot be reached');
  });
  return router;
}
