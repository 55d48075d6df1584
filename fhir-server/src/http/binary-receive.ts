/** create and update of a Binary by its content. https://hl7.org/fhir/R4/binary.html#rest */
import { randomUUID } from 'node:crypto';
import type { Binary } from '@medplum/fhirtypes';
import { badRequest, FhirError, issue, tooLarge } from '../fhir/outcome.ts';
import {
  checkResource,
  commitWrites,
  etag,
  inWriteTransaction,
  loadCurrent,
  parseIfNoneMatch,
  permit,
  type PlannedWrite,
  versionHeaders,
  versionUrl,
  type Request,
  type Server,
} from '../interaction/index.ts';
import {
  abandonContent,
  announceContent,
  attachContent,
  BinaryTooLarge,
  SourceBroken,
} from '../storage/index.ts';
import type { BinaryCall } from './binary-endpoint.ts';
import { type Form, sendAnswer } from './send.ts';

/** Stores the body as it comes; the version appears only when the content is stored durably. Throws 400, 403, 412, 413, 503. */
export async function receiveContent(
  server: Server,
  request: Request,
  call: BinaryCall,
  form: Form,
): Promise<void> {
  const { http, response } = call;
  const write = await planWrite(server, request, call);
  const limit = server.config.binarySizeMaxBytes;
  const tooLong = () => tooLarge(`A Binary may have at most ${limit} bytes`, 'http.body');
  if (Number(http.headers['content-length'] ?? 0) > limit) throw tooLong();
  const { pool, binaries: store } = server;
  const content = await announceContent(pool, write.id);
  try {
    const measure = await store.write(content.key, http, limit);
    const { version, isNew } = await inWriteTransaction(request, ['Binary'], async (client) => {
      const [done] = await commitWrites(request, client, [write]);
      if (!(await attachContent(client, content, done!.version.versionId, measure))) throw tookTooLong();
      return done!;
    });
    const headers = { ...versionHeaders(version), Location: versionUrl(server.config, 'Binary', version) };
    await sendAnswer(response, { status: isNew ? 201 : 200, headers, body: version.content }, form);
  } catch (error) {
    // Read to its end, or the next request on this connection would wait for it; REQUEST_TIMEOUT_MS limits that.
    http.resume();
    await abandonContent({ pool, store }, content);
    if (error instanceof BinaryTooLarge) throw tooLong();
    if (error instanceof SourceBroken) throw badRequest('The body could not be read', 'http.body');
    throw error;
  }
}

const tookTooLong = (): FhirError =>
  new FhirError(503, [issue('transient', 'The upload took so long that its content was removed; try again')]);

async function planWrite(
  server: Server,
  request: Request,
  { http, target }: BinaryCall,
): Promise<PlannedWrite> {
  const { kind } = target;
  const interaction = kind === 'type' ? 'create' : 'update';
  permit(request, interaction, 'Binary');
  const contentType = http.headers['content-type'];
  if (contentType === undefined) throw badRequest('The request has no Content-Type', 'http.Content-Type');
  const context = http.headers['x-security-context'];
  const given: Partial<Binary> = {
    contentType,
    ...(typeof context === 'string' ? { securityContext: { reference: context } } : {}),
  };
  const check = (resource: object) => checkResource(server, resource, 'Binary');
  if (kind === 'type')
    return {
      interaction,
      resourceType: 'Binary',
      id: randomUUID(),
      resource: check({ resourceType: 'Binary', ...given }),
    };
  const { id } = target;
  const ifMatch = http.headers['if-match'];
  const mustBeNew = parseIfNoneMatch(http.headers['if-none-match']);
  const current = await currentOf(request, id);
  if (current === undefined)
    return {
      interaction,
      resourceType: 'Binary',
      id,
      resource: check({ resourceType: 'Binary', id, ...given }),
      ifMatch,
      mustBeNew: true,
    };
  // Content has no place for labels and for whom it belongs to: what it does not name stays as it was, and of that very version.
  const { data: _data, ...kept } = JSON.parse(current.content) as Binary;
  const resource = check({ ...kept, ...given });
  return {
    interaction,
    resourceType: 'Binary',
    id,
    resource,
    ifMatch: ifMatch ?? etag(current.versionId),
    mustBeNew,
  };
}

async function currentOf(request: Request, id: string) {
  try {
    return await loadCurrent(request, 'Binary', id);
  } catch (error) {
    if (error instanceof FhirError && (error.status === 404 || error.status === 410)) return undefined;
    throw error;
  }
}
