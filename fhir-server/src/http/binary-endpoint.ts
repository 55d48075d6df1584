/** Binary with its content as the body, streamed both ways, with ranges for audio. https://hl7.org/fhir/R4/binary.html#rest */
import type { IncomingMessage as HttpRequest, ServerResponse as Response } from 'node:http';
import { accessOf, audited, type Request, type Server, type Target } from '../interaction/index.ts';
import { receiveContent } from './binary-receive.ts';
import { sendAsResource, sendContent } from './binary-send.ts';
import { acceptedFormat, isFhirType, wantsResource } from './negotiate.ts';
import type { Form } from './send.ts';

export type BinaryEndpoint = (
  request: Request,
  http: HttpRequest,
  response: Response,
  target: Target,
  format: string | null,
) => Promise<boolean>;

/** What is sent back and forth, and for which resource. */
export interface BinaryCall {
  readonly http: HttpRequest;
  readonly response: Response;
  readonly target: BinaryTarget;
}

type BinaryTarget = Target & { kind: 'instance' | 'type' | 'version' };

/** Answers true when the request was for raw content and is done; everything else goes the way of all resources. */
export function createBinaryEndpoint(server: Server): BinaryEndpoint {
  return async (request, http, response, target, format) => {
    if (!isBinary(target) || !takes(http, target)) return false;
    const access = accessOf(http.method ?? 'GET', target, []);
    return audited(request, access, async () => {
      await serve(server, request, { http, response, target }, format);
      return true;
    });
  };
}

const isBinary = (target: Target): target is BinaryTarget =>
  'resourceType' in target &&
  target.resourceType === 'Binary' &&
  ['instance', 'type', 'version'].includes(target.kind);

const isReading = ({ method }: HttpRequest): boolean => method === 'GET' || method === 'HEAD';

function takes(http: HttpRequest, { kind }: BinaryTarget): boolean {
  if (kind === 'version') return isReading(http);
  if (kind === 'type') return http.method === 'POST' && !isResource(http);
  return isReading(http) || (http.method === 'PUT' && !isResource(http));
}

async function serve(server: Server, request: Request, call: BinaryCall, format: string | null) {
  const { headers } = call.http;
  const form = (): Form => ({ format: acceptedFormat(headers.accept, format), isPretty: false });
  if (!isReading(call.http)) await receiveContent(server, request, call, form());
  else if (wantsResource(headers.accept, format)) await sendAsResource(server, request, call, form());
  else await sendContent(server, request, call);
}

const isResource = (http: HttpRequest): boolean =>
  isFhirType(http.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '');
