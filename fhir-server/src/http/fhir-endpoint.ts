/** A FHIR request from HTTP to interaction and back: who, what, in which form, run, send. https://hl7.org/fhir/R4/http.html */
import type {
  IncomingHttpHeaders,
  IncomingMessage as HttpRequest,
  ServerResponse as Response,
} from 'node:http';
import type { Principal } from '../access/index.ts';
import { badRequest, methodNotAllowed, unsupportedMediaType } from '../fhir/outcome.ts';
import {
  batch,
  bundleEntries,
  capabilityStatement,
  dispatch,
  parseTarget,
  transaction,
  type Answer,
  type Call,
  type Request,
  type ReturnPreference,
  type Server,
  type Target,
} from '../interaction/index.ts';
import type { Logger } from '../platform/logger.ts';
import { createBinaryEndpoint } from './binary-endpoint.ts';
import { createBodyReader, parseForm, parseJson } from './body.ts';
import { toFhirError } from './faults.ts';
import { checkAcceptable, checkJsonBody } from './negotiate.ts';
import { requestIdOf } from './request-log.ts';
import { sendAnswer, sendError } from './send.ts';

export interface FhirEndpointOptions {
  readonly server: Server;
  readonly authenticate: (authorization: string | undefined) => Promise<Principal>;
  readonly logger: Logger;
}

/** Handles everything below the FHIR base. */
export function createFhirEndpoint({ server, authenticate, logger }: FhirEndpointOptions) {
  const readBody = createBodyReader(server.config.bodySizeMaxBytes);
  const capabilities = createCapabilities(server);
  const binary = createBinaryEndpoint(server);

  async function answer(http: HttpRequest, response: Response, url: RequestUrl): Promise<Answer | undefined> {
    const target = parseTarget(decodePath(url.path));
    const format = url.get('_format');
    const method = http.method === 'HEAD' ? 'GET' : (http.method ?? 'GET');
    if (target.kind === 'metadata') {
      if (method !== 'GET') throw methodNotAllowed(`${method} is not supported on metadata`, ['GET']);
      checkAcceptable(http.headers.accept, format);
      return { status: 200, headers: {}, body: capabilities() };
    }
    const principal = await authenticate(http.headers.authorization);
    const request: Request = { server, principal, db: server.reader };
    if (target.kind !== 'system' && (await binary(request, http, response, target, format))) return undefined;
    checkAcceptable(http.headers.accept, format);
    const { preference, handling } = parsePrefer(http.headers.prefer);
    if (target.kind === 'system' && method !== 'GET') {
      if (method !== 'POST')
        throw methodNotAllowed(`${method} is not supported on the base URL`, ['GET', 'POST']);
      checkJsonBody(http);
      const body = parseJson(await readBody(http, response));
      return bundleEntries(server, body).type === 'transaction'
        ? transaction(request, body, preference)
        : batch(request, body, preference, (error) => toFhirError(error, logger, requestIdOf(response)));
    }
    const body = await readCallBody(http, response, target, method);
    return dispatch(request, {
      ...conditions(http.headers),
      method,
      target,
      parameters: body.parameters.length === 0 ? url.parameters : [...url.parameters, ...body.parameters],
      body: body.value,
      preference,
      handling,
    });
  }

  async function readCallBody(
    http: HttpRequest,
    response: Response,
    target: Target,
    method: string,
  ): Promise<{ value?: unknown; parameters: [string, string][] }> {
    if (method === 'POST' && takesForm(target)) {
      const type = http.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
      if (type !== undefined && type !== 'application/x-www-form-urlencoded')
        throw unsupportedMediaType(
          'Search parameters are sent as application/x-www-form-urlencoded',
          'http.Content-Type',
        );
      return { parameters: parseForm(await readBody(http, response)) };
    }
    const isOperation = target.kind.startsWith('operation') && method === 'POST';
    const hasBody =
      isOperation ||
      (method === 'POST' && target.kind === 'type') ||
      (method === 'PUT' && target.kind === 'instance');
    if (!hasBody) return { parameters: [] };
    // An operation without parameters needs no body.
    if (isOperation && http.headers['content-type'] === undefined) return { parameters: [] };
    checkJsonBody(http);
    return { value: parseJson(await readBody(http, response)), parameters: [] };
  }

  /** `path` is relative to the base, with its query. */
  return async (http: HttpRequest, response: Response, path: string): Promise<void> => {
    try {
      const url = new RequestUrl(path);
      const found = await answer(http, response, url);
      if (found !== undefined) sendAnswer(response, found, url.get('_pretty') === 'true');
    } catch (error) {
      sendError(response, toFhirError(error, logger, requestIdOf(response)));
    }
  };
}

/** The text of the CapabilityStatement, made again when search parameters come or go. */
function createCapabilities(server: Server): () => string {
  let revision: number | undefined;
  let text = '';
  return () => {
    if (revision === server.registry.revision) return text;
    revision = server.registry.revision;
    text = JSON.stringify(capabilityStatement(server, new Date()));
    return text;
  };
}

/** Path and query of a request. URL would do the same for several times the price. */
class RequestUrl {
  readonly path: string;
  readonly parameters: readonly (readonly [string, string])[];

  constructor(url: string) {
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.parameters = mark < 0 ? [] : [...new URLSearchParams(url.slice(mark + 1))];
  }

  get(name: string): string | null {
    return this.parameters.find(([n]) => n === name)?.[1] ?? null;
  }
}

const takesForm = (target: Target): boolean =>
  target.kind === 'search' ||
  target.kind === 'search-system' ||
  (target.kind === 'compartment' && target.isForm);

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest('The URL has a malformed escape');
  }
}

const DEFAULT_PREFERENCE = { preference: 'representation', handling: 'lenient' } as const;

/** Both preferences may stand in one header or in several. https://hl7.org/fhir/R4/http.html#ops */
function parsePrefer(header: string | string[] | undefined): {
  preference: ReturnPreference;
  handling: Call['handling'];
} {
  if (header === undefined) return DEFAULT_PREFERENCE;
  const values = new Map(
    [header]
      .flat()
      .join(',')
      .split(/[,;]/)
      .map((part) => part.split('=', 2).map((s) => s.trim()) as [string, string]),
  );
  const wanted = values.get('return');
  const preference = wanted === 'minimal' || wanted === 'OperationOutcome' ? wanted : 'representation';
  return { preference, handling: values.get('handling') === 'strict' ? 'strict' : 'lenient' };
}

function conditions(
  headers: IncomingHttpHeaders,
): Pick<Call, 'ifMatch' | 'ifNoneMatch' | 'ifModifiedSince' | 'ifNoneExist'> {
  const ifNoneExist = headers['if-none-exist'];
  return {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifNoneExist: typeof ifNoneExist === 'string' ? ifNoneExist.replace(/^\?/, '') : undefined,
  };
}
