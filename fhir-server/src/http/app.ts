/** The HTTP application: FHIR, OAuth, apps and health on one origin. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import compression from 'compression';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import onHeaders from 'on-headers';
import type { Auth } from '../auth/index.ts';
import { FhirError, issue, methodNotAllowed, notFound } from '../fhir/outcome.ts';
import type { Server } from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import type { Admission } from './admission.ts';
import type { ApiMetrics } from './api-metrics.ts';
import { createApps } from './apps.ts';
import { type BulkEndpointOptions, createBulkEndpoint, isBulkPath } from './bulk-endpoint.ts';
import type { Drain } from './drain.ts';
import { toFhirError } from './faults.ts';
import { createFhirEndpoint } from './fhir-endpoint.ts';
import { createHealth } from './health.ts';
import { createOverloadAnswer } from './refuse-overload.ts';
import { requestIdOf, requestLog } from './request-log.ts';
import { securityHeaders } from './security-headers.ts';
import { sendError } from './send.ts';
import { createStateEndpoint, isStatePath } from './state-endpoint.ts';
import { traceRequests } from './trace-requests.ts';

export interface AppOptions {
  readonly server: Server;
  readonly admin: RequestHandler;
  readonly auth: Pick<Auth, 'router' | 'authenticate' | 'doubt' | 'smartConfiguration'>;
  readonly bulk: Pick<BulkEndpointOptions, 'folder' | 'loadRequester'>;
  readonly metrics: Pick<ApiMetrics, 'watch'>;
  readonly admission: Pick<Admission, 'refusal'>;
  readonly drain: Pick<Drain, 'hasBegun' | 'watch'>;
  readonly logger: Logger;
}

/** https://hl7.org/fhir/R4/http.html: what a browser app must be able to send and to see. */
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Accept, If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Prefer, Range, X-Security-Context';
const EXPOSED_HEADERS =
  'ETag, Location, Content-Location, Last-Modified, Content-Range, Expires, WWW-Authenticate, Retry-After, X-Progress, X-Request-Id';

const SMART_CONFIGURATION = '/.well-known/smart-configuration';
const FHIR_PATH = '/fhir/R4';

/** FHIR requests go straight to their endpoint: a router and its layers would cost as much as a read itself. */
export function createApp({
  server,
  auth,
  admin,
  bulk,
  metrics,
  admission,
  drain,
  logger,
}: AppOptions): RequestListener {
  const log = requestLog(logger);
  const secure = securityHeaders(server.config.baseUrl);
  const { headersMax } = server.config.http;
  const refuse = createOverloadAnswer(server.config.overload.retryAfterSeconds);
  const fhir = createFhir({ server, auth, bulk, logger });
  const state = createState({ server, auth, logger });
  const others = createOthers({ server, auth, admin, drain, logger });
  const serve = traceRequests((request, response) => {
    const url = request.url ?? '/';
    log(request, response);
    metrics.watch(request, response);
    secure(response, url);
    if (request.rawHeaders.length > 2 * headersMax) {
      tooManyHeaders(response, headersMax);
      return;
    }
    const next = url[FHIR_PATH.length];
    if (url.startsWith(FHIR_PATH) && (next === undefined || next === '/' || next === '?'))
      fhir(request, response, url.slice(FHIR_PATH.length) || '/');
    else if (isStatePath(url)) state(request, response, url);
    else others(request, response);
  });
  return (request, response) => {
    drain.watch(response);
    // Before anything that costs.
    if (admission.refusal(request.method, request.url ?? '/') === undefined) serve(request, response);
    else refuse(request, response);
  };
}

function tooManyHeaders(response: ServerResponse, most: number): void {
  response.setHeader('Connection', 'close');
  sendError(
    response,
    new FhirError(431, [issue('too-long', `A request may have at most ${most} headers`, 'http')]),
  );
}

function createFhir({
  server,
  auth,
  bulk,
  logger,
}: Omit<AppOptions, 'admin' | 'metrics' | 'admission' | 'drain'>) {
  const endpoint = createFhirEndpoint({ server, authenticate: auth.authenticate, logger });
  const exports = createBulkEndpoint({ server, authenticate: auth.authenticate, logger, ...bulk });
  const compress = compression({ threshold: 1_024, filter: isText });
  return (request: IncomingMessage, response: ServerResponse, url: string): void => {
    noStore(response);
    if (isPreflight(request, response)) return;
    if (url.includes('/$break-glass')) onHeaders(response, auth.doubt);
    if (url.split('?', 1)[0] === SMART_CONFIGURATION) {
      sendSmartConfiguration(request, response, auth);
      return;
    }
    const answer = (): void => void (isBulkPath(url) ? exports : endpoint)(request, response, url);
    if (request.headers['accept-encoding'] === undefined) answer();
    else compress(request as Request, response as Response, answer);
  };
}

/** JSON, whatever the request accepts. */
function sendSmartConfiguration(
  { method = '' }: IncomingMessage,
  response: ServerResponse,
  auth: AppOptions['auth'],
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    sendError(response, methodNotAllowed(`${method} is not supported on this document`, ['GET']));
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(auth.smartConfiguration()));
}

function createState({ server, auth, logger }: Pick<AppOptions, 'server' | 'auth' | 'logger'>) {
  const endpoint = createStateEndpoint({ server, authenticate: auth.authenticate, logger });
  return (request: IncomingMessage, response: ServerResponse, url: string): void => {
    noStore(response);
    if (!isPreflight(request, response)) void endpoint(request, response, url);
  };
}

function createOthers({
  server,
  auth,
  admin,
  drain,
  logger,
}: Omit<AppOptions, 'bulk' | 'metrics' | 'admission'>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(createHealth(server.pool, drain));
  app.use(['/oauth2', '/admin'], (_request, response, next) => {
    // Not from its beginning: whoever sends it slowly would make all others' tokens be looked up.
    onHeaders(response, auth.doubt);
    next();
  });
  app.use('/oauth2', auth.router);
  app.use('/admin', admin);
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
function isPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  const isOptions = request.method === 'OPTIONS';
  // Only a browser needs to be told, and it says where it comes from.
  if (request.headers.origin === undefined && !isOptions) return false;
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
  // Other questions for the options of an address are answered by the address.
  if (!isOptions || request.headers['access-control-request-method'] === undefined) return false;
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  response.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  response.setHeader('Access-Control-Max-Age', '86400');
  response.statusCode = 204;
  response.end();
  return true;
}

/** Health data stays out of shared and disk caches; a client may keep a version to ask whether it still holds. */
function noStore(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'private, no-cache');
}

/** Compressing audio costs time and saves nothing, and would break ranges. */
const isText = (_request: Request, response: Response): boolean =>
  /json|xml|text/.test(String(response.getHeader('Content-Type'))) && !response.hasHeader('Accept-Ranges');
