/** What a person does between the authorization request and its answer: log in, choose a patient, allow. */
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { logIn, type LoginOptions } from './account/login-step.ts';
import { loadClient } from './client-store.ts';
import { consent, type ConsentOptions } from './consent-step.ts';
import { text, type Step } from './interaction-step.ts';
import { PAGE_HEADERS } from './page-headers.ts';
import { errorPage } from './error-page.ts';
import { isSameOrigin } from './same-origin.ts';

export type InteractionOptions = ConsentOptions & LoginOptions;

export function createInteractionRouter(options: InteractionOptions): Router {
  const { provider, pool } = options;
  const router = express.Router();
  router.use('/interaction', pageHeaders, express.urlencoded({ extended: false, limit: '64kb' }));
  router.all('/interaction/:uid', async (request, response) => {
    // The cookie of the browser that began names the interaction: a form sent from elsewhere finds none.
    const details = await provider.interactionDetails(request, response).catch(() => undefined);
    const client = details && (await loadClient(pool, text(details.params['client_id'])));
    if (details === undefined || client === undefined || details.uid !== request.params.uid) {
      response
        .status(400)
        .send(errorPage('invalid_request', 'This log-in has expired or was begun in another browser.'));
      return;
    }
    const isPost = request.method === 'POST';
    if (isPost && !isSameOrigin(request.headers, options.config.baseUrl)) {
      response.status(403).send(errorPage('invalid_request', 'This form was sent from another site.'));
      return;
    }
    const form = isPost && typeof request.body === 'object' ? (request.body as Record<string, unknown>) : {};
    const step: Step = { request, response, details, client, form };
    await (details.prompt.name === 'login' ? logIn(options, step) : consent(options, step));
  });
  return router;
}

function pageHeaders(_request: Request, response: Response, next: NextFunction): void {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  response.type('html');
  next();
}
