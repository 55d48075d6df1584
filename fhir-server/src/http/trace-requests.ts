/** A span for each request: a part of the caller's trace, or the beginning of one. https://www.w3.org/TR/trace-context/ */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Target } from '../interaction/index.ts';
import { contextOf, fail, isTracing, type Span, SpanKind, startSpan, within } from '../platform/tracing.ts';
import { nameOf, targetOf } from './interaction-name.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** As it is where there are no traces: nothing is asked then, nor made. */
export function traceRequests(listener: RequestListener): RequestListener {
  if (!isTracing()) return listener;
  return (request, response) => {
    const { url, method = '' } = request;
    const parent = contextOf(request.headers);
    const verb = METHODS.includes(method) ? method : '_OTHER';
    const attributes = { 'http.request.method': verb };
    const span = startSpan(verb, { kind: SpanKind.SERVER, attributes }, parent);
    response.on('close', () => {
      describe(span, response, { verb, name: nameOf(url === undefined ? {} : { url }, response) });
      span.end();
    });
    within(span, parent, () => listener(request, response));
  };
}

/** Only what there are few of: interactions, templates of routes, types of resources. */
function describe(
  span: Span,
  response: ServerResponse,
  { verb, name }: { readonly verb: string; readonly name: string },
): void {
  const target = targetOf(response);
  const route = target === undefined ? undefined : routeOf(target, name);
  span.updateName(route === undefined ? `${name} ${verb}` : `${name} ${verb} ${route}`);
  span.setAttribute('fhir.interaction', name);
  if (route !== undefined) span.setAttribute('http.route', route);
  if (target !== undefined && 'resourceType' in target)
    span.setAttribute('fhir.resource_type', target.resourceType);
  if (!response.writableFinished) {
    fail(span, 'aborted');
    return;
  }
  const { statusCode: status } = response;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) fail(span, String(status));
}

const ROUTES: Readonly<Record<Target['kind'], string>> = {
  metadata: '/metadata',
  system: '',
  'search-system': '/_search',
  'history-system': '/_history',
  'operation-system': '/',
  type: '/{type}',
  search: '/{type}/_search',
  'history-type': '/{type}/_history',
  'operation-type': '/{type}/',
  instance: '/{type}/{id}',
  history: '/{type}/{id}/_history',
  version: '/{type}/{id}/_history/{vid}',
  'operation-instance': '/{type}/{id}/',
  compartment: '/{compartment}/{id}/{type}',
};

/** @param name of an operation that there is, otherwise `unknown` */
const routeOf = (target: Target, name: string): string =>
  `/fhir/R4${ROUTES[target.kind]}${'operation' in target ? name : ''}`;
