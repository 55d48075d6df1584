/** Where identity providers send browsers back to; each has an address of its own, so that none answers for another. */
import express, { type Router } from 'express';
import { errorPage } from '../error-page.ts';
import { text } from '../interaction-step.ts';
import { PAGE_HEADERS } from '../page-headers.ts';
import { findFederation } from './federation-store.ts';
import { openReturn } from './logout.ts';
import type { AccountServices } from './services.ts';

export function createFederationRouter(services: AccountServices): Router {
  const router = express.Router();
  router.use('/federation', (_request, response, next) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    response.type('html');
    next();
  });
  router.get('/federation/logged-out', async (request, response) => {
    const returnTo = await openReturn(services.box, text(request.query['state']));
    response.redirect(303, returnTo ?? '/oauth2/logout/success');
  });
  // The answer goes on, as it is, to the page whose cookie tells whether it is this browser's.
  router.get('/federation/:provider/callback', async (request, response) => {
    const target = await findFederation(services.pool, text(request.query['state']));
    if (target === undefined || target.provider !== request.params.provider) {
      response
        .status(400)
        .send(errorPage('invalid_request', 'This answer of the identity provider has expired or was used.'));
      return;
    }
    const page = target.interaction === undefined ? 'account/linked' : `interaction/${target.interaction}`;
    response.redirect(303, `/oauth2/${page}${new URL(request.originalUrl, 'http://localhost').search}`);
  });
  return router;
}
