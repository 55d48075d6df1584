/** Error → what the client is told. Only a FhirError carries its own words; all others are logged and said to be ours. */
import { BucketFault } from '../bucket/index.ts';
import { databaseFault } from '../db/index.ts';
import { FhirError, issue, tooCostly } from '../fhir/outcome.ts';
import type { Logger } from '../platform/logger.ts';

const RETRY_AFTER = { 'Retry-After': '2' };

/** protocol_violation: class 08 are lost connections, but this one is a message of ours that PostgreSQL refused. */
const PROTOCOL_VIOLATION = '08P01';

function faultOf(error: unknown): ReturnType<typeof databaseFault> {
  return (error as { code?: unknown } | null)?.code === PROTOCOL_VIOLATION ? undefined : databaseFault(error);
}

/** What the readers of forms refuse: their errors carry the status, and words that may quote what was sent. */
function unreadableBody(error: unknown): FhirError | undefined {
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499 || typeof type !== 'string')
    return undefined;
  if (status === 413) return new FhirError(413, [issue('too-long', 'The body is too large', 'http.body')]);
  return new FhirError(status, [issue('invalid', 'The body could not be read', 'http.body')]);
}

/** What the store of Binary content and exports did not do. Its code of the error goes into the log and to nobody else. */
function storeFault(error: unknown, logger: Logger, requestId: string): FhirError | undefined {
  if (!(error instanceof BucketFault)) return undefined;
  const { reason, isTransient } = error;
  logger.error({ requestId, reason }, 'the store of objects did not do what was asked');
  return isTransient
    ? new FhirError(
        503,
        [issue('transient', 'The store of content does not do this at this moment; try again')],
        RETRY_AFTER,
      )
    : new FhirError(500, [
        issue(
          'exception',
          `The store of content refuses this server; the log says why under request ${requestId}`,
        ),
      ]);
}

export function toFhirError(error: unknown, logger: Logger, requestId: string): FhirError {
  if (error instanceof FhirError) return error;
  const unread = unreadableBody(error);
  if (unread !== undefined) return unread;
  const ofStore = storeFault(error, logger, requestId);
  if (ofStore !== undefined) return ofStore;
  switch (faultOf(error)) {
    case 'timeout':
      return tooCostly(
        'This took too long in the database; narrow it: a search by patient, date or code, a history by _since, either by _count, a Bundle to fewer entries',
      );
    case 'locked':
      return new FhirError(
        503,
        [issue('transient', 'Others hold what this request needs in the database; try again')],
        RETRY_AFTER,
      );
    case 'unavailable':
      logger.error({ requestId, code: (error as { code?: string }).code }, 'database unavailable');
      return new FhirError(
        503,
        [issue('transient', 'The database cannot be reached at this moment; try again')],
        RETRY_AFTER,
      );
    case 'retry':
      return new FhirError(409, [
        issue('conflict', 'The resource is being changed by others at this moment; try again'),
      ]);
    case undefined:
  }
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new FhirError(400, [issue('too-long', 'The resource is nested too deeply')]);
  // The driver's messages may quote values: only name, code and stack frames go into the log.
  const { name, code, stack } =
    error instanceof Error ? (error as Error & { code?: unknown }) : { name: typeof error };
  const frames = stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  logger.error({ requestId, name, code, frames }, 'unexpected fault');
  return new FhirError(500, [
    issue('exception', `Something went wrong here; the log has it under request ${requestId}`),
  ]);
}
