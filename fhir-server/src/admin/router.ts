/** The admin API over HTTP: who, may he, what, answer. It has JSON only, and no cookies. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import express, { type Request, type Response, type Router } from 'express';
import type { Principal } from '../access/index.ts';
import type { AuditLog } from '../audit/index.ts';
import { noteSecurityEvent } from '../auth/index.ts';
import { parseJson } from '../fhir/json/index.ts';
import { badRequest, FhirError, methodNotAllowed, unsupportedMediaType } from '../fhir/outcome.ts';
import { clientAddress } from '../platform/client-address.ts';
import { checkAdministrator, type Administrator } from './administrator.ts';
import type { AdminServices } from './context.ts';
import { entityTag } from './entity-tag.ts';
import { CODE, ROUTES, type Reply, type Route } from './routes.ts';
import type { Page } from './users.ts';

export interface AdminOptions extends AdminServices {
  readonly authenticate: (authorization: string | undefined, request: IncomingMessage) => Promise<Principal>;
  /** Proxies before the server that add to X-Forwarded-For. */
  readonly trustedProxies: number;
  readonly audit: Pick<AuditLog, 'note'>;
}

const BODY_MAX = '1mb';
/** As browsers and others name a .tgz file. https://www.rfc-editor.org/rfc/rfc6713 */
const UPLOAD_TYPES = ['application/gzip', 'application/x-gzip', 'application/x-compressed-tar', 'application/octet-stream']; // prettier-ignore
const PAGE = { default: 50, max: 500 };

export function createAdmin(options: AdminOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const readText = promisify(express.text({ type: 'application/json', limit: BODY_MAX }));
  const { packedBytesMax: limit } = options.packages.limits;
  const readUpload = promisify(express.raw({ type: UPLOAD_TYPES, limit, inflate: false }));
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  for (const route of ROUTES) {
    const method = route.method.toLowerCase() as Lowercase<Route['method']>;
    router[method](route.path, async (request: Request, response: Response) => {
      // Before the body is read: who may not administer sends none.
      const by = await authorize(options, request, route);
      await (route.takesUpload === true ? readUpload : readText)(request, response);
      send(request, response, await run(options, route, by, request));
    });
  }
  for (const path of new Set(ROUTES.map((route) => route.path)))
    router.all(path, () => {
      const methods = ROUTES.filter((route) => route.path === path).map(({ method }) => method);
      throw methodNotAllowed('This method is not allowed here', methods);
    });
  return router;
}

async function authorize(
  { authenticate, audit, trustedProxies }: AdminOptions,
  request: Request,
  { scope, path }: Route,
): Promise<Administrator> {
  const principal = await authenticate(request.headers.authorization, request);
  const address = clientAddress(request, trustedProxies);
  try {
    return checkAdministrator(principal, scope, address);
  } catch (error) {
    const { clientId, userId, fhirUser } = principal;
    await noteSecurityEvent(audit, {
      code: CODE[path.split('/')[1] ?? ''] ?? 'alert',
      outcome: '4',
      reason: `not allowed to administer: ${scope}`,
      agent: { clientId, userId, fhirUser, address },
    });
    throw error;
  }
}

async function run(options: AdminOptions, route: Route, by: Administrator, request: Request): Promise<Reply> {
  try {
    return await route.run(options, {
      by,
      id: String(request.params['id'] ?? ''),
      body: parseBody(request, route),
      upload: parseUpload(request, route),
      page: parsePage(request),
      query: (name) => parameter(request, name),
      ifMatch: request.get('if-match'),
      ifNoneMatch: request.get('if-none-match'),
    });
  } catch (error) {
    if (error instanceof FhirError && (error.status === 403 || error.status === 409))
      await noteSecurityEvent(options.audit, {
        code: CODE[route.path.split('/')[1] ?? ''] ?? 'alert',
        outcome: '4',
        reason: error.message,
        agent: by.agent,
      });
    throw error;
  }
}

/** Documents are PUT and POSTed to collections; other POSTs say everything by their address. */
function parseBody(request: Request, { method, path, takesUpload }: Route): unknown {
  if (takesUpload === true) return undefined;
  if (method !== 'PUT' && !(method === 'POST' && !path.includes(':id'))) return undefined;
  const { body } = request as { body: unknown };
  if (typeof body !== 'string')
    throw unsupportedMediaType('A body of application/json is required', 'http.Content-Type');
  return parseJson(body);
}

function parseUpload(request: Request, { takesUpload }: Route): Buffer {
  const { body } = request as { body: unknown };
  if (takesUpload === true && !Buffer.isBuffer(body))
    throw unsupportedMediaType('A body of application/gzip is required', 'http.Content-Type');
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** One value and no list: PostgreSQL's text holds no NUL. */
function parameter(request: Request, name: string): string | undefined {
  const value = request.query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.includes('\0')) throw badRequest(`${name} must be given once`, name);
  return value;
}

function parsePage(request: Request): Page {
  const text = parameter(request, 'limit') ?? String(PAGE.default);
  const limit = Number(text);
  if (!/^\d{1,6}$/.test(text) || limit < 1 || limit > PAGE.max)
    throw badRequest(`limit must be a whole number from 1 to ${PAGE.max}`, 'limit');
  return { limit, after: parameter(request, 'after') ?? '' };
}

function send(request: Request, response: Response, { status = 200, body, state, location }: Reply): void {
  if (state !== undefined) response.setHeader('ETag', entityTag(state));
  if (location !== undefined) response.setHeader('Location', request.baseUrl + location);
  response.status(status);
  if (body === undefined) response.end();
  else response.json(body);
}
