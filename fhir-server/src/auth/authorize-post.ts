/** Authorization requests by POST, as `authorize-post` promises. https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#authorization-for-apps */
import express, { type Request, type Response, type Router } from 'express';
import { errorPage } from './error-page.ts';
import { PAGE_HEADERS } from './page-headers.ts';

/** A request line with all headers has to stay below Node's 16 KiB. */
const PARAMETERS_MAX = 8_192;

/**
 * Sent on as a GET. A browser sends cookies that are SameSite=Lax with that, and none with a form that another site
 * posts: like this, no cookie has to be open to other sites. Parameters that come twice still do.
 */
export function createAuthorizePost(issuer: string): Router {
  const router = express.Router();
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' });
  router.post('/authorize', form, (request: Request, response: Response) => {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
    const query = new URL(request.originalUrl, issuer).search.slice(1);
    const parameters = [query, typeof request.body === 'string' ? request.body : '']
      .filter(Boolean)
      .join('&');
    const url = `${issuer}/authorize?${new URLSearchParams(parameters).toString()}`;
    if (url.length > PARAMETERS_MAX) {
      response.status(413).type('html');
      response.send(errorPage('invalid_request', 'The request of the app is too long.'));
      return;
    }
    response.redirect(303, url);
  });
  return router;
}
