/** read and vread of a Binary, as its content or as a resource with it. https://hl7.org/fhir/R4/binary.html#rest */
import type { IncomingMessage as HttpRequest, ServerResponse as Response } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Binary } from '@medplum/fhirtypes';
import { FhirError, issue, tooLarge } from '../fhir/outcome.ts';
import {
  isUnchanged,
  loadCurrent,
  loadVersion,
  versionHeaders,
  type Request,
  type Server,
} from '../interaction/index.ts';
import { type BinaryStore, findContent, type StoredVersion, verifying } from '../storage/index.ts';
import type { BinaryCall } from './binary-endpoint.ts';
import { type Form, sendAnswer } from './send.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Content of one version, wherever it lies. */
interface Content {
  readonly size: number;
  readonly sha256?: Buffer | undefined;
  readonly open: (range: Range | undefined) => Promise<NodeJS.ReadableStream | Buffer>;
  readonly link: (seconds: number, contentType: string) => Promise<string | undefined>;
}

const conditionsOf = ({ headers }: HttpRequest) => ({
  ifNoneMatch: headers['if-none-match'],
  ifModifiedSince: headers['if-modified-since'],
});

const load = (request: Request, { target }: BinaryCall): Promise<StoredVersion> =>
  target.kind === 'version'
    ? loadVersion(request, 'Binary', target.id, target.versionId)
    : loadCurrent(request, 'Binary', target.kind === 'instance' ? target.id : '');

/** The content as the body, or a link to it. Throws 403, 404, 410, 416, 503. */
export async function sendContent(server: Server, request: Request, call: BinaryCall): Promise<void> {
  const { http, response } = call;
  const version = await load(request, call);
  if (isUnchanged(version, conditionsOf(http))) {
    response.writeHead(304, versionHeaders(version)).end();
    return;
  }
  const binary = JSON.parse(version.content) as Binary;
  const content = await contentOf(server, request, version, binary);
  for (const [name, value] of Object.entries(versionHeaders(version))) response.setHeader(name, value);
  if (content === undefined)
    throw new FhirError(404, [issue('not-found', `Binary/${version.id} has no content`)]);
  const type = binary.contentType ?? 'application/octet-stream';
  if (http.method === 'GET' && (await redirected(server, response, content, type))) return;
  const range = parseRange(http.headers.range, content.size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${content.size}`);
    throw new FhirError(416, [
      issue('invalid', `The range is outside of the ${content.size} bytes`, 'http.Range'),
    ]);
  }
  const body = http.method === 'HEAD' ? undefined : await content.open(range);
  response.statusCode = range === undefined ? 200 : 206;
  if (range) response.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${content.size}`);
  response.setHeader('Content-Length', range ? range.end - range.start + 1 : content.size);
  response.setHeader('Content-Type', type);
  // Content of users is never run as a page of this origin.
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Disposition', 'attachment');
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Accept-Ranges', 'bytes');
  // https://www.rfc-editor.org/rfc/rfc9530#section-3
  if (content.sha256) response.setHeader('Repr-Digest', `sha-256=:${content.sha256.toString('base64')}:`);
  if (body === undefined || Buffer.isBuffer(body)) response.end(body);
  else await pipeline(body, response);
}

/** The link is good for whoever has it: it is given for a short time, to him who may read, and is kept by nobody. */
async function redirected(
  { config }: Server,
  response: Response,
  content: Content,
  contentType: string,
): Promise<boolean> {
  const seconds = config.content.bucket?.redirectSeconds ?? 0;
  const link = seconds > 0 ? await content.link(seconds, contentType) : undefined;
  if (link === undefined) return false;
  response.removeHeader('ETag');
  response.removeHeader('Last-Modified');
  response
    .writeHead(307, { Location: link, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
    .end();
  return true;
}

/** In the resource itself (`data`), or in the store; undefined where there is none. */
async function contentOf(
  server: Server,
  request: Request,
  { id, versionId }: StoredVersion,
  { data }: Binary,
): Promise<Content | undefined> {
  if (data !== undefined) {
    const bytes = Buffer.from(data, 'base64');
    return {
      size: bytes.length,
      open: (range) => Promise.resolve(range ? bytes.subarray(range.start, range.end + 1) : bytes),
      link: () => Promise.resolve(undefined),
    };
  }
  const store = server.binaries;
  const { key, size: known, sha256 } = await findContent(request.db, id, versionId);
  const size = known ?? (await store.size(key));
  if (size === undefined) return undefined;
  return {
    size,
    sha256,
    open: (range) => openStored(store, { key, id, sha256 }, range),
    link: (seconds, contentType) => Promise.resolve(store.link?.(key, seconds, contentType)),
  };
}

/** What is read as a whole is compared with what was written. */
async function openStored(
  store: BinaryStore,
  { key, id, sha256 }: { key: string; id: string; sha256: Buffer | undefined },
  range: Range | undefined,
): Promise<NodeJS.ReadableStream> {
  const stream = await store.open(key, range);
  if (stream === undefined)
    throw new FhirError(500, [issue('exception', `The content of Binary/${id} is not where it was stored`)]);
  if (range !== undefined || sha256 === undefined || store.link === undefined) return stream;
  const verified = verifying(sha256);
  pipeline(stream, verified).catch((error: Error) => verified.destroy(error));
  return verified;
}

/** One range, as players of audio ask for; several at once are answered with the whole (RFC 9110 section 14.2). */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

/** The resource with its content as base64, up to the size of a body. */
export async function sendAsResource(
  server: Server,
  request: Request,
  call: BinaryCall,
  form: Form,
): Promise<void> {
  const { http, response } = call;
  const version = await load(request, call);
  const headers = versionHeaders(version);
  if (isUnchanged(version, conditionsOf(http))) {
    await sendAnswer(response, { status: 304, headers }, form);
    return;
  }
  const binary = JSON.parse(version.content) as Binary;
  const content = binary.data === undefined ? await contentOf(server, request, version, binary) : undefined;
  let body = version.content;
  if (content !== undefined) {
    if (content.size > server.config.bodySizeMaxBytes)
      throw tooLarge(
        `Binary/${version.id} is too large for JSON; ask for it by its content type`,
        'http.Accept',
      );
    const chunks: Buffer[] = [];
    for await (const chunk of (await content.open(undefined)) as AsyncIterable<Buffer>) chunks.push(chunk);
    body = JSON.stringify({ ...binary, data: Buffer.concat(chunks).toString('base64') });
  }
  await sendAnswer(response, { status: 200, headers, body }, form);
}
