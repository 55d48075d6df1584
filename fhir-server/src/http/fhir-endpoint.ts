/** A FHIR request from HTTP to interaction and back: who, what, in which form, run, send. https://hl7.org/fhir/R4/http.html */
import type {
  IncomingHttpHeaders,
  IncomingMessage as HttpRequest,
  ServerResponse as Response,
} from 'node:http';
import type { Principal } from '../access/index.ts';
import { Trail } from '../audit/index.ts';
import type { Auth } from '../auth/index.ts';
import { badRequest, methodNotAllowed, notFound, unsupportedMediaType } from '../fhir/outcome.ts';
import {
  allowedMethods,
  audited,
  batch,
  bundleEntries,
  capabilityStatement,
  dispatch,
  type SentPatch,
  parseTarget,
  terminologyCapabilities,
  transaction,
  type Answer,
  type Call,
  type Request,
  type ReturnPreference,
  type Server,
  type Target,
} from '../interaction/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Logger } from '../platform/logger.ts';
import { inSpan, isTracing } from '../platform/tracing.ts';
import { checkQuery } from '../search/index.ts';
import { createBinaryEndpoint } from './binary-endpoint.ts';
import { createBodyReader, readForm, readJson, readResource, readText } from './body.ts';
import { toFhirError } from './faults.ts';
import { acceptedFormat, bodyFormat, errorFormat, patchKind } from './negotiate.ts';
import { interactionOf, nameInteraction } from './interaction-name.ts';
import { requestIdOf } from './request-log.ts';
import { sendAnswer, sendError } from './send.ts';

export interface FhirEndpointOptions {
  readonly server: Server;
  readonly authenticate: Auth['authenticate'];
  readonly logger: Logger;
}

/** Handles everything below the FHIR base. */
export function createFhirEndpoint({ server, authenticate, logger }: FhirEndpointOptions) {
  const readBody = createBodyReader(server.config.bodySizeMaxBytes);
  const capabilities = createCapabilities(server);
  const ofTerminology = createTerminologyCapabilities(server);
  const binary = createBinaryEndpoint(server);

  const takesText = (target: Target, type = ''): boolean =>
    'operation' in target &&
    server.operations.get(target.operation)?.textType === type.split(';')[0]?.trim().toLowerCase();

  const isPublic = (target: Target): boolean =>
    target.kind === 'operation-system' && server.operations.get(target.operation)?.isPublic === true;

  const whoAsks = (http: HttpRequest): Promise<Principal> => {
    const { authorization } = http.headers;
    return isTracing()
      ? inSpan('authenticate', {}, () => authenticate(authorization, http))
      : authenticate(authorization, http);
  };

  async function answer(http: HttpRequest, response: Response, url: RequestUrl): Promise<Answer | undefined> {
    checkQuery(url.query);
    const target = parseTarget(decodePath(url.path));
    const format = url.get('_format');
    const method = http.method === 'HEAD' ? 'GET' : (http.method ?? 'GET');
    nameInteraction(response, interactionOf(method, target, server.operations), target);
    if (method === 'OPTIONS') return { status: 204, headers: { Allow: allowedMethods(target).join(', ') } };
    if (target.kind === 'metadata') {
      if (method !== 'GET') throw methodNotAllowed(`${method} is not supported on metadata`, ['GET']);
      acceptedFormat(http.headers.accept, format);
      return {
        status: 200,
        headers: {},
        body: url.get('mode') === 'terminology' ? ofTerminology() : capabilities(),
      };
    }
    const principal = isPublic(target) ? ANYONE : await whoAsks(http);
    const trail = new Trail(requestIdOf(response), clientAddress(http, server.config.account.trustedProxies));
    const request: Request = { server, principal, db: server.reader, trail };
    if (target.kind !== 'system' && (await binary(request, http, response, target, format))) return undefined;
    acceptedFormat(http.headers.accept, format);
    const { preference, handling, prefers } = parsePrefer(http.headers.prefer);
    if (target.kind === 'system' && method !== 'GET') {
      if (method !== 'POST')
        throw methodNotAllowed(`${method} is not supported on the base URL`, ['GET', 'POST']);
      const body = await readResource(await readBody(http), bodyFormat(http));
      const { type } = bundleEntries(server, body);
      nameInteraction(response, type);
      return type === 'transaction'
        ? audited(request, { code: 'transaction', action: 'E' }, () => transaction(request, body, preference))
        : batch(request, body, preference, (error) => toFhirError(error, logger, requestIdOf(response)));
    }
    const body = await readCallBody(http, target, method);
    return dispatch(request, {
      ...conditions(http.headers),
      method,
      target,
      parameters: body.parameters.length === 0 ? url.parameters : [...url.parameters, ...body.parameters],
      body: body.value,
      patch: body.patch,
      preference,
      handling,
      prefers,
    });
  }

  async function readCallBody(
    http: HttpRequest,
    target: Target,
    method: string,
  ): Promise<{ value?: unknown; patch?: SentPatch; parameters: [string, string][] }> {
    if (method === 'POST' && takesForm(target)) {
      const type = http.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
      if (type !== undefined && type !== 'application/x-www-form-urlencoded')
        throw unsupportedMediaType(
          'Search parameters are sent as application/x-www-form-urlencoded',
          'http.Content-Type',
        );
      return { parameters: await readForm(await readBody(http)) };
    }
    const isOnResource = target.kind === 'instance' || target.kind === 'type';
    if (method === 'PATCH' && isOnResource) {
      const kind = patchKind(http);
      const value =
        kind === 'json-patch'
          ? await readJson(await readBody(http))
          : await readResource(await readBody(http), bodyFormat(http));
      return { patch: toPatchDocument(kind, value), parameters: [] };
    }
    const isOperation = target.kind.startsWith('operation') && method === 'POST';
    const hasBody =
      isOperation || (method === 'POST' && target.kind === 'type') || (method === 'PUT' && isOnResource);
    if (!hasBody) return { parameters: [] };
    // An operation without parameters needs no body.
    if (isOperation && http.headers['content-type'] === undefined) return { parameters: [] };
    if (isOperation && takesText(target, http.headers['content-type']))
      return { value: await readText(await readBody(http)), parameters: [] };
    return { value: await readResource(await readBody(http), bodyFormat(http)), parameters: [] };
  }

  /** `path` is relative to the base, with its query. */
  return async (http: HttpRequest, response: Response, path: string): Promise<void> => {
    const url = new RequestUrl(path);
    const { accept } = http.headers;
    const isPretty = url.get('_pretty') === 'true';
    try {
      const found = await answer(http, response, url);
      if (found === undefined) return;
      const format = found.body === undefined ? 'json' : acceptedFormat(accept, url.get('_format'));
      await sendAnswer(response, found, { format, isPretty });
    } catch (error) {
      const format = errorFormat(accept, url.get('_format'), http.headers['content-type']);
      sendError(response, toFhirError(error, logger, requestIdOf(response)), { format, isPretty });
    }
  };
}

/** The text of the CapabilityStatement, made again when search parameters or profiles come or go. */
function createCapabilities(server: Server): () => string {
  let revision: number | undefined;
  let profiles: unknown;
  let text = '';
  return () => {
    if (revision === server.registry.revision && profiles === server.profiles.supported) return text;
    profiles = server.profiles.supported;
    revision = server.registry.revision;
    text = JSON.stringify(capabilityStatement(server, new Date()));
    return text;
  };
}

/** The same for terminology, which does not change while the server runs. */
function createTerminologyCapabilities(server: Server): () => string {
  let text: string | undefined;
  return () => (text ??= JSON.stringify(terminologyCapabilities(server, new Date())));
}

/** Path and query of a request. URL would do the same for several times the price. */
class RequestUrl {
  readonly path: string;
  readonly query: string;
  readonly parameters: readonly (readonly [string, string])[];

  constructor(url: string) {
    const mark = url.indexOf('?');
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? '' : url.slice(mark + 1);
    this.parameters = [...new URLSearchParams(this.query)];
  }

  get(name: string): string | null {
    return this.parameters.find(([n]) => n === name)?.[1] ?? null;
  }
}

const toPatchDocument = (kind: SentPatch['kind'], value: unknown): SentPatch =>
  kind === 'json-patch' ? { kind, operations: value } : { kind, parameters: value };

/** Who has no token, where none is needed: without any right. */
const ANYONE: Principal = { kind: 'client', clientId: '', scopes: [], policy: { name: 'none', rules: [] } };

const takesForm = (target: Target): boolean =>
  target.kind === 'search' ||
  target.kind === 'search-system' ||
  (target.kind === 'compartment' && target.isForm);

function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  // Decoded it would be a border between segments, which it is not.
  if (/%2f/i.test(path)) throw notFound('There is nothing at this address');
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest('The URL has a malformed escape', 'http.url');
  }
}

const DEFAULT_PREFERENCE = { preference: 'representation', handling: 'lenient', prefers: [] } as const;

/** Both preferences may stand in one header or in several. https://hl7.org/fhir/R4/http.html#ops */
function parsePrefer(header: string | string[] | undefined): {
  preference: ReturnPreference;
  handling: Call['handling'];
  prefers: readonly string[];
} {
  if (header === undefined) return DEFAULT_PREFERENCE;
  const prefers = [header]
    .flat()
    .join(',')
    .split(/[,;]/)
    .map((part) => part.replaceAll(/\s/g, ''));
  const values = new Map(prefers.map((part) => part.split('=', 2) as [string, string]));
  const wanted = values.get('return');
  const preference = wanted === 'minimal' || wanted === 'OperationOutcome' ? wanted : 'representation';
  return { preference, handling: values.get('handling') === 'strict' ? 'strict' : 'lenient', prefers };
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
