/** Binary with its content as the body, streamed both ways, with ranges for audio. https://hl7.org/fhir/R4/binary.html#rest */
import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Binary } from '@medplum/fhirtypes';
import type { IncomingMessage as HttpRequest, ServerResponse as Response } from 'node:http';
import { badRequest, FhirError, issue, tooLarge } from '../fhir/outcome.ts';
import {
  accessOf,
  audited,
  checkResource,
  commitWrites,
  inWriteTransaction,
  isUnchanged,
  loadCurrent,
  permit,
  versionHeaders,
  versionUrl,
  type Request,
  type Server,
  type Target,
} from '../interaction/index.ts';
import { BinaryTooLarge } from '../storage/index.ts';
import { acceptedFormat, isFhirType, wantsResource } from './negotiate.ts';
import { type Form, sendAnswer } from './send.ts';

export type BinaryEndpoint = (
  request: Request,
  http: HttpRequest,
  response: Response,
  target: Target,
  format: string | null,
) => Promise<boolean>;

/** Answers true when the request was for raw content and is done; everything else goes the way of all resources. */
export function createBinaryEndpoint(server: Server): BinaryEndpoint {
  return async (request, http, response, target, format) => {
    if (!('resourceType' in target) || target.resourceType !== 'Binary') return false;
    const isOurs = target.kind === 'instance' || target.kind === 'type';
    if (!isOurs || !takes(http, target)) return false;
    const access = accessOf(http.method ?? 'GET', target, []);
    return audited(request, access, () => serve(server, request, { http, response, target, format }));
  };
}

interface BinaryCall {
  readonly http: HttpRequest;
  readonly response: Response;
  readonly target: Target & { kind: 'instance' | 'type' };
  readonly format: string | null;
}

const isReading = ({ method }: HttpRequest): boolean => method === 'GET' || method === 'HEAD';

const takes = (http: HttpRequest, target: Target): boolean =>
  target.kind === 'instance' ? isReading(http) : http.method === 'POST' && !isResource(http);

async function serve(server: Server, request: Request, call: BinaryCall): Promise<boolean> {
  const { http, response, target, format } = call;
  if (target.kind === 'type') await receiveContent(server, request, http, response, formOf(http, format));
  else if (wantsResource(http.headers.accept, format))
    await sendAsResource(server, request, http, response, target.id, formOf(http, format));
  else await sendContent(server, request, http, response, target.id);
  return true;
}

const formOf = ({ headers }: HttpRequest, format: string | null): Form => ({
  format: acceptedFormat(headers.accept, format),
  isPretty: false,
});

const conditionsOf = ({ headers }: HttpRequest) => ({
  ifNoneMatch: headers['if-none-match'],
  ifModifiedSince: headers['if-modified-since'],
});

const isResource = (http: HttpRequest): boolean =>
  isFhirType(http.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '');

/** Stores the body as it comes; the resource appears only when the content is on disk. */
async function receiveContent(
  server: Server,
  request: Request,
  http: HttpRequest,
  response: Response,
  form: Form,
): Promise<void> {
  permit(request, 'create', 'Binary');
  const contentType = http.headers['content-type'];
  if (contentType === undefined) throw badRequest('The request has no Content-Type', 'http.Content-Type');
  const context = http.headers['x-security-context'];
  const id = randomUUID();
  const resource = checkResource(
    server,
    {
      resourceType: 'Binary',
      contentType,
      ...(typeof context === 'string' ? { securityContext: { reference: context } } : {}),
    },
    'Binary',
  );
  try {
    await server.binaries.write(id, 1, http, server.config.binarySizeMaxBytes);
  } catch (error) {
    if (error instanceof BinaryTooLarge)
      throw tooLarge(`A Binary may have at most ${server.config.binarySizeMaxBytes} bytes`, 'http.body');
    throw error;
  }
  try {
    const version = await inWriteTransaction(request, ['Binary'], async (client) => {
      const [done] = await commitWrites(request, client, [
        { interaction: 'create', resourceType: 'Binary', id, resource },
      ]);
      return done!.version;
    });
    const headers = { ...versionHeaders(version), Location: versionUrl(server.config, 'Binary', version) };
    await sendAnswer(response, { status: 201, headers, body: version.content }, form);
  } catch (error) {
    await server.binaries.remove(id, 1);
    throw error;
  }
}

/** Content in the resource itself (`data`), or in the folder. */
async function sendContent(
  server: Server,
  request: Request,
  http: HttpRequest,
  response: Response,
  id: string,
): Promise<void> {
  const version = await loadCurrent(request, 'Binary', id);
  if (isUnchanged(version, conditionsOf(http))) {
    response.writeHead(304, versionHeaders(version)).end();
    return;
  }
  const binary = JSON.parse(version.content) as Binary;
  const inline = binary.data === undefined ? undefined : Buffer.from(binary.data, 'base64');
  const size = inline?.length ?? (await server.binaries.size(id, version.versionId));
  for (const [name, value] of Object.entries(versionHeaders(version))) response.setHeader(name, value);
  // Content of users is never run as a page of this origin.
  response.setHeader('Content-Type', binary.contentType ?? 'application/octet-stream');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Disposition', 'attachment');
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Accept-Ranges', 'bytes');
  if (size === undefined) throw new FhirError(404, [issue('not-found', `Binary/${id} has no content`)]);
  const range = parseRange(http.headers.range, size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    throw new FhirError(416, [issue('invalid', `The range is outside of the ${size} bytes`, 'http.Range')]);
  }
  response.statusCode = range === undefined ? 200 : 206;
  if (range) response.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  response.setHeader('Content-Length', range ? range.end - range.start + 1 : size);
  if (http.method === 'HEAD') response.end();
  else if (inline) response.end(range ? inline.subarray(range.start, range.end + 1) : inline);
  else await pipeline(server.binaries.read(id, version.versionId, range), response);
}

/** One range, as players of audio ask for; several at once are answered with the whole (RFC 9110 section 14.2). */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

/** The resource with its content as base64, up to the size of a body. */
async function sendAsResource(
  server: Server,
  request: Request,
  http: HttpRequest,
  response: Response,
  id: string,
  form: Form,
): Promise<void> {
  const version = await loadCurrent(request, 'Binary', id);
  if (isUnchanged(version, conditionsOf(http))) {
    await sendAnswer(response, { status: 304, headers: versionHeaders(version) }, form);
    return;
  }
  const binary = JSON.parse(version.content) as Binary;
  const size = binary.data === undefined ? await server.binaries.size(id, version.versionId) : undefined;
  let body = version.content;
  if (size !== undefined) {
    if (size > server.config.bodySizeMaxBytes)
      throw tooLarge(`Binary/${id} is too large for JSON; ask for it by its content type`, 'http.Accept');
    const data = Buffer.concat((await server.binaries.read(id, version.versionId).toArray()) as Buffer[]);
    body = JSON.stringify({ ...binary, data: data.toString('base64') });
  }
  await sendAnswer(response, { status: 200, headers: versionHeaders(version), body }, form);
}
