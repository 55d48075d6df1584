/** The FHIR endpoint at which apps keep their state. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html#app-state-interactions */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createState,
  deleteState,
  searchState,
  STATE_BYTES_MAX,
  stateCapabilities,
  updateState,
} from '../app-state/index.ts';
import { Trail } from '../audit/index.ts';
import { methodNotAllowed, notFound } from '../fhir/outcome.ts';
import { accessOf, type Answer, audited, type Request } from '../interaction/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import { parseQuery } from '../search/index.ts';
import { createBodyReader, readResource } from './body.ts';
import { toFhirError } from './faults.ts';
import type { FhirEndpointOptions } from './fhir-endpoint.ts';
import { acceptedFormat, bodyFormat, errorFormat } from './negotiate.ts';
import { requestIdOf } from './request-log.ts';
import { sendAnswer, sendError } from './send.ts';

const PATH = '/app-state';
const PLACE = /^\/app-state\/Basic(?:\/([A-Za-z0-9\-.]{1,64}))?$/;

export const isStatePath = (url: string): boolean =>
  url.startsWith(PATH) && ['/', '?', undefined].includes(url[PATH.length]);

/** Handles everything below the base of the state. */
export function createStateEndpoint({ server, authenticate, logger }: FhirEndpointOptions) {
  const readBody = createBodyReader(STATE_BYTES_MAX);
  const startedAt = new Date();

  async function answer(http: IncomingMessage, response: ServerResponse, url: string): Promise<Answer> {
    const [path = '', query = ''] = url.split(/\?(.*)/s, 2);
    const method = http.method ?? 'GET';
    if (path === `${PATH}/metadata` && method === 'GET')
      return { status: 200, headers: {}, body: JSON.stringify(stateCapabilities(server.config, startedAt)) };
    const [place, id] = PLACE.exec(path) ?? [];
    if (place === undefined) throw notFound('There is nothing at this address');
    const allowed = id === undefined ? ['GET', 'POST'] : ['PUT', 'DELETE'];
    if (!allowed.includes(method))
      throw methodNotAllowed(`${method} is not supported on state here`, allowed);
    const parameters = parseQuery(query, 'http.url');
    const principal = await authenticate(http.headers.authorization, http);
    const trail = new Trail(requestIdOf(response), clientAddress(http, server.config.account.trustedProxies));
    const request: Request = { server, principal, db: server.reader, trail };
    const target = id === undefined ? ({ kind: 'type', resourceType: 'Basic' } as const) : ({ kind: 'instance', resourceType: 'Basic', id } as const); // prettier-ignore
    const readState = async (): Promise<unknown> => readResource(await readBody(http), bodyFormat(http));
    const ifMatch = http.headers['if-match'];
    return audited(request, accessOf(method, target, parameters), async () => {
      if (method === 'GET') return searchState(request, parameters);
      if (id === undefined) return createState(request, await readState());
      if (method === 'DELETE') return deleteState(request, id, ifMatch);
      return updateState(request, id, await readState(), ifMatch);
    });
  }

  return async (http: IncomingMessage, response: ServerResponse, url: string): Promise<void> => {
    const { accept, 'content-type': sent } = http.headers;
    try {
      const format = acceptedFormat(accept, null);
      await sendAnswer(response, await answer(http, response, url), { format, isPretty: false });
    } catch (error) {
      const format = errorFormat(accept, null, sent);
      sendError(response, toFhirError(error, logger, requestIdOf(response)), { format, isPretty: false });
    }
  };
}
