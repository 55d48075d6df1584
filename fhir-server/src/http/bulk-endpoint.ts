/** Status, manifest and files of a bulk export. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Trail } from '../audit/index.ts';
import {
  type ExportFile,
  type ExportFolder,
  type ExportJob,
  exportRight,
  listFiles,
  loadJob,
  type LoadRequester,
  removeJob,
  rightsDigest,
} from '../bulk/index.ts';
import { FhirError, forbidden, issue, methodNotAllowed, notFound } from '../fhir/outcome.ts';
import { audited, type Request, type Server } from '../interaction/index.ts';
import { clientAddress } from '../platform/client-address.ts';
import type { Auth } from '../auth/index.ts';
import type { Logger } from '../platform/logger.ts';
import { toFhirError } from './faults.ts';
import { requestIdOf } from './request-log.ts';
import { sendError } from './send.ts';

export interface BulkEndpointOptions {
  readonly server: Server;
  readonly authenticate: Auth['authenticate'];
  readonly folder: ExportFolder;
  readonly loadRequester: LoadRequester;
  readonly logger: Logger;
}

/** Seconds until the client should ask again. */
const RETRY_AFTER_S = 2;

const PLACE = /^\/bulk\/([A-Za-z0-9_-]{32})(?:\/([A-Za-z0-9_-]{32}))?$/;
const CALL = { code: 'operation', operation: '$export' } as const;

const unknown = () => notFound('There is no such export, or its time is over');

export const isBulkPath = (path: string): boolean => path.startsWith('/bulk/');

/** `path` is relative to the FHIR base. */
export function createBulkEndpoint(options: BulkEndpointOptions) {
  const { server, authenticate, logger } = options;

  async function answer(http: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const principal = await authenticate(http.headers.authorization, http);
    const trail = new Trail(requestIdOf(response), clientAddress(http, server.config.account.trustedProxies));
    const request: Request = { server, principal, db: server.reader, trail };
    const [, jobId, fileId] = PLACE.exec(path.split('?')[0]!) ?? [];
    const allowed = fileId === undefined ? ['GET', 'DELETE'] : ['GET'];
    const { method = 'GET' } = http;
    if (!allowed.includes(method) && method !== 'HEAD')
      throw methodNotAllowed(`${method} is not supported on an export`, allowed);
    const job = jobId === undefined ? undefined : await loadJob(server.pool, jobId, principal);
    if (job === undefined || isExpired(job, server))
      return audited(request, { ...CALL, action: 'R' }, refuse);
    if (fileId !== undefined) await file(request, response, job, fileId);
    else if (method === 'DELETE') await remove(request, response, job);
    else await status(response, job);
  }

  async function remove(request: Request, response: ServerResponse, job: ExportJob): Promise<void> {
    await audited(request, { ...CALL, action: 'D', query: job.request.url }, async () => {
      await removeJob(server.pool, job.id);
      await options.folder.remove(job.id);
    });
    response.writeHead(202).end();
  }

  async function status(response: ServerResponse, job: ExportJob): Promise<void> {
    if (job.state === 'failed')
      throw new FhirError(500, [issue('exception', job.failure ?? 'The export failed')]);
    if (job.state !== 'done') {
      response.setHeader('Retry-After', String(RETRY_AFTER_S));
      response.setHeader('X-Progress', job.progress ?? 'waits for its turn');
      response.writeHead(202).end();
      return;
    }
    const text = JSON.stringify(manifest(server, job, await listFiles(server.pool, job.id)));
    response.setHeader('Expires', new Date(expiryOf(job, server)).toUTCString());
    response.setHeader('Content-Type', 'application/json');
    response.end(text);
  }

  async function file(request: Request, response: ServerResponse, job: ExportJob, id: string): Promise<void> {
    const found = (await listFiles(server.pool, job.id)).find((f) => f.id === id);
    const query = `${job.request.url}#${found?.resourceType ?? ''}`;
    await audited(request, { ...CALL, action: 'R', query }, async () => {
      if (found === undefined || job.state !== 'done') throw unknown();
      await checkRights(request, job, found);
      const size = await options.folder.size(job.id, id);
      const isHead = response.req.method === 'HEAD';
      const body = isHead ? undefined : await options.folder.open(job.id, id);
      if (size === undefined || (body === undefined && !isHead)) throw unknown();
      response.setHeader('Content-Type', 'application/fhir+ndjson');
      // What is compressed on its way has another length.
      if (request.trail && response.req.headers['accept-encoding'] === undefined)
        response.setHeader('Content-Length', size);
      if (body === undefined) response.end();
      else await pipeline(body, response);
    });
  }

  /** The token at hand must have the right too, and the rights with which the file was written must still be the client's. */
  async function checkRights(request: Request, job: ExportJob, { kind, resourceType, rights }: ExportFile) {
    if (kind === 'error') return;
    if (exportRight(request, resourceType) === undefined)
      throw forbidden(`The rights of the token do not permit the export of ${resourceType}`);
    const principal = await options.loadRequester(job.requester);
    if (principal === undefined || rightsDigest(principal) !== rights)
      throw forbidden('The rights with which this file was written have changed; export anew');
  }

  return async (http: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    try {
      await answer(http, response, path);
    } catch (error) {
      sendError(response, toFhirError(error, logger, requestIdOf(response)));
    }
  };
}

const refuse = (): Promise<never> => Promise.reject(unknown());

const expiryOf = ({ finishedAt }: ExportJob, { config }: Server): number =>
  finishedAt === null ? Infinity : finishedAt + config.bulk.expiryMs;

const isExpired = (job: ExportJob, server: Server): boolean => expiryOf(job, server) < Date.now();

function manifest({ config }: Server, job: ExportJob, files: readonly ExportFile[]): object {
  const of = (kind: ExportFile['kind']): object[] =>
    files
      .filter((f) => f.kind === kind)
      .map(({ id, resourceType, count }) => ({
        // A deletion comes as a Bundle.
        type: kind === 'deleted' ? 'Bundle' : resourceType,
        url: `${config.fhirBase}/bulk/${job.id}/${id}`,
        count,
      }));
  return {
    transactionTime: new Date(job.transactionTime).toISOString(),
    request: job.request.url,
    requiresAccessToken: true,
    output: of('output'),
    deleted: of('deleted'),
    error: of('error'),
  };
}
