/** What everybody may read without logging in, from any site: brands and style. */
import express, { type Request, type Response, type Router } from 'express';
import type { Brands } from './brands.ts';
import { sendDocument, type PublishedDocument } from './published-document.ts';
import { stylePath } from './style.ts';

export const BRANDS_PATH = '/brands.json';

/** An ETag is asked after now and then; what has its digest in its name never changes. */
const AN_HOUR = 'public, max-age=3600';
const FOR_EVER = 'public, max-age=31536000, immutable';

export function createPublicRouter(brands: Brands, style: PublishedDocument): Router {
  const router = express.Router();
  const open = [BRANDS_PATH, stylePath(style)];
  router.use(open, (request, response, next) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'ETag');
    if (request.method !== 'OPTIONS') return next();
    response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS');
    response.setHeader('Access-Control-Allow-Headers', 'If-None-Match');
    response.setHeader('Access-Control-Max-Age', '86400');
    response.status(204).end();
  });
  router.get(BRANDS_PATH, (request: Request, response: Response) =>
    sendDocument(request, response, brands, { type: 'application/fhir+json', cacheControl: AN_HOUR }),
  );
  router.get(stylePath(style), (request: Request, response: Response) =>
    sendDocument(request, response, style, { type: 'application/json', cacheControl: FOR_EVER }),
  );
  return router;
}
