/** Whether the process lives, and whether it can serve: `/livez` and `/readyz`. */
import express, { type Router } from 'express';
import { isReachable, type Pool } from '../db/index.ts';

export function createHealth(pool: Pool): Router {
  const router = express.Router();
  router.get('/livez', (_request, response) => {
    response.type('text/plain').end('ok');
  });
  router.get('/readyz', async (_request, response) => {
    const isReady = await isReachable(pool);
    response
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .end(isReady ? 'ok' : 'the database cannot be reached');
  });
  return router;
}
