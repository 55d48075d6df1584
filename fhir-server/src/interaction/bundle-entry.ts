/** A Bundle that asks for something, entry by entry, as understood. https://hl7.org/fhir/R4/http.html#transaction */
import { badRequest, tooLarge } from '../fhir/outcome.ts';
import { parseQuery } from '../search/index.ts';
import { type PatchDocument, parsePatchEntry } from './patch-document.ts';
import type { Server } from './server.ts';
import { parseTarget, type SystemTarget, type TypeTarget } from './target.ts';

export interface BundleEntry {
  readonly place: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly target: TypeTarget | SystemTarget;
  readonly parameters: readonly (readonly [string, string])[];
  /** What stands behind the question mark. */
  readonly query: string;
  readonly fullUrl?: string | undefined;
  readonly resource?: unknown;
  /** Of a PATCH, instead of the resource. */
  readonly patch?: PatchDocument;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifNoneExist?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entries of a batch or transaction before each is looked at. Throws 400 or 413. */
export function bundleEntries(
  server: Server,
  body: unknown,
): { type: 'batch' | 'transaction'; entries: Json[] } {
  if (!isObject(body) || body['resourceType'] !== 'Bundle')
    throw badRequest('A Bundle is expected at the base URL', 'Bundle');
  const { type, entry = [] } = body;
  if (type !== 'batch' && type !== 'transaction')
    throw badRequest('The type of a Bundle at the base URL must be batch or transaction', 'Bundle.type');
  if (!Array.isArray(entry)) throw badRequest('Bundle.entry must be an array', 'Bundle.entry');
  const { bundleEntriesMax } = server.config;
  if (entry.length > bundleEntriesMax)
    throw tooLarge(`A Bundle may have at most ${bundleEntriesMax} entries`, 'Bundle.entry');
  entry.forEach((e, i) => {
    if (!isObject(e)) throw badRequest('An entry must be an object', `Bundle.entry[${i}]`);
  });
  return { type, entries: entry as Json[] };
}

/** Throws 400 for an entry that is malformed or leads elsewhere, 404 for what does not exist here. */
export function parseEntry(server: Server, entry: Json, index: number): BundleEntry {
  const place = `Bundle.entry[${index}]`;
  const request = entry['request'];
  if (!isObject(request)) throw badRequest('The entry has no request', `${place}.request`);
  const method = request['method'];
  if (!isMethod(method))
    throw badRequest('The method must be GET, HEAD, POST, PUT, PATCH or DELETE', `${place}.request.method`);
  const { path, query } = splitUrl(server, request['url'], `${place}.request.url`);
  const target = parseTarget(path);
  const isReading = method === 'GET' || method === 'HEAD';
  if (target.kind === 'metadata' || (!('resourceType' in target) && !isReading))
    throw badRequest(
      'An entry must name a resource type, or GET a search or history',
      `${place}.request.url`,
    );
  if (query !== '' && !isReading && (method === 'POST' || target.kind !== 'type'))
    throw badRequest(
      `A condition goes with PUT, PATCH and DELETE of a type, not with ${method} here`,
      `${place}.request.url`,
    );
  const optional = (name: string): string | undefined => {
    const value = request[name];
    if (value === undefined || typeof value === 'string') return value;
    throw badRequest(`${name} must be text`, `${place}.request.${name}`);
  };
  const { fullUrl } = entry;
  if (fullUrl !== undefined && typeof fullUrl !== 'string')
    throw badRequest('fullUrl must be text', `${place}.fullUrl`);
  return {
    place,
    method,
    target,
    parameters: parseQuery(query, `${place}.request.url`),
    query,
    fullUrl,
    ...(method === 'PATCH'
      ? { patch: parsePatchEntry(entry['resource'], `${place}.resource`) }
      : { resource: entry['resource'] }),
    ifMatch: optional('ifMatch'),
    ifNoneMatch: optional('ifNoneMatch'),
    ifNoneExist: optional('ifNoneExist')?.replace(/^\?/, ''),
  };
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const isMethod = (method: unknown): method is BundleEntry['method'] =>
  (METHODS as readonly unknown[]).includes(method);

/** Relative to the base, or absolute within it; every other URL is refused. */
function splitUrl(server: Server, url: unknown, place: string): { path: string; query: string } {
  if (typeof url !== 'string' || url === '') throw badRequest('The entry has no url', place);
  const { fhirBase } = server.config;
  const relative =
    url.startsWith(fhirBase) && /^[/?]/.test(url.slice(fhirBase.length))
      ? url.slice(fhirBase.length).replace(/^\//, '')
      : url;
  const [path = '', ...rest] = relative.split('?');
  if (/^[A-Za-z][A-Za-z0-9+.-]*:|^\/\/|[#\\\s]|%|\.\.\//.test(path))
    throw badRequest('The url must be relative to the base of this server', place);
  return { path, query: rest.join('?') };
}
