/** The HTTP application: FHIR, OAuth, apps and health on one origin. */
import compression from 'compression';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Auth } from '../auth/index.ts';
import { notFound } from '../fhir/outcome.ts';
import type { Server } from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import { createApps } from './apps.ts';
import { toFhirError } from './faults.ts';
import { createFhirEndpoint } from './fhir-endpoint.ts';
import { createHealth } from './health.ts';
import { requestIdOf, requestLog } from './request-log.ts';
import { sendError } from './send.ts';

export interface AppOptions {
  readonly server: Server;
  readonly auth: Pick<Auth, 'router' | 'authenticate' | 'smartConfiguration'>;
  readonly logger: Logger;
}

/** https://hl7.org/fhir/R4/http.html: what a browser app must be able to send and to see. */
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Accept, If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Prefer, Range, X-Security-Context';
const EXPOSED_HEADERS =
  'ETag, Location, Content-Location, Last-Modified, Content-Range, WWW-Authenticate, Retry-After, X-Request-Id';

export function createApp({ server, auth, logger }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestLog(logger));
  app.use(createHealth(server.pool));
  app.use('/oauth2', auth.router);
  const fhir = express.Router();
  fhir.use(crossOrigin, noStore);
  fhir.use(compression({ threshold: 1_024, filter: isText }));
  fhir.get('/.well-known/smart-configuration', (_request, response) => {
    response.type('application/json').end(JSON.stringify(auth.smartConfiguration()));
  });
  fhir.use(createFhirEndpoint({ server, authenticate: auth.authenticate, logger }));
  app.use('/fhir/R4', fhir);
  app.use('/apps', createApps(server.config.appsDir));
  app.get('/', (_request, response) => response.redirect('/apps/ehr/'));
  app.use((_request, _response) => {
    throw notFound('There is nothing at this address');
  });
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    sendError(response, toFhirError(error, logger, requestIdOf(response)));
  });
  return app;
}

/** Any origin may call: access rests on the token alone, and no cookie counts here. */
function crossOrigin(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
  if (request.method !== 'OPTIONS') {
    next();
    return;
  }
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, DELETE, OPTIONS');
  response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  response.setHeader('Access-Control-Max-Age', '86400');
  response.status(204).end();
}

/** Health data stays out of shared and disk caches; a client may keep a version to ask whether it still holds. */
function noStore(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
}

/** Compressing audio costs time and saves nothing, and would break ranges. */
const isText = (_request: Request, response: Response): boolean =>
  /json|text/.test(String(response.getHeader('Content-Type'))) && !response.hasHeader('Accept-Ranges');
