/** $reindex: stored resources are indexed anew, in the background. Its status is $reindex-status?job=<id>. */
import type { Parameters } from '@medplum/fhirtypes';
import { withTransaction } from '../db/index.ts';
import { resourceTypes } from '../fhir/definitions/index.ts';
import { badRequest, forbidden, notFound } from '../fhir/outcome.ts';
import { type Operation, type OperationCall, permit, type Request } from '../interaction/index.ts';
import { findWaitingJob, insertJob, type Job, loadJob } from '../reindex/index.ts';
import { simpleParameters } from './parameters.ts';

export const reindex: Operation = {
  name: '$reindex',
  at: [
    { level: 'system' },
    ...resourceTypes().map((resourceType) => ({ level: 'type' as const, resourceType })),
  ],
  affectsState: true,
  definition: 'urn:dr-assistant:OperationDefinition:reindex',
  run: start,
};

export const reindexStatus: Operation = {
  name: '$reindex-status',
  at: [{ level: 'system' }],
  affectsState: false,
  definition: 'urn:dr-assistant:OperationDefinition:reindex-status',
  run: status,
};

/** 202 with the place of the status, as for https://hl7.org/fhir/R4/async.html; a job that has not begun is given again. */
async function start(request: Request, call: OperationCall) {
  checkPermitted(request);
  const [other] = simpleParameters(call);
  if (other) throw badRequest('$reindex has no parameters', other[0].slice(0, 64));
  const { pool, config } = request.server;
  const types = call.resourceType === undefined ? resourceTypes() : [call.resourceType];
  const id = await withTransaction(
    pool,
    async (client) => (await findWaitingJob(client, types)) ?? insertJob(client, { types }),
  );
  const headers = { 'Content-Location': `${config.fhirBase}/$reindex-status?job=${id}` };
  return { status: 202, headers };
}

async function status(request: Request, call: OperationCall) {
  checkPermitted(request);
  const id = simpleParameters(call).findLast(([name]) => name === 'job')?.[1] ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw badRequest('Parameter job: not the id of a job', 'job');
  const job = await loadJob(request.server.pool, id);
  if (!job) throw notFound('There is no such job');
  return { status: 200, headers: {}, body: JSON.stringify(toParameters(job)) };
}

/** Whoever may change any SearchParameter may have its values indexed. */
function checkPermitted(request: Request): void {
  if (permit(request, 'update', 'SearchParameter').kind !== 'all')
    throw forbidden('Only who may update every SearchParameter may index resources anew');
}

/** `done` stays below `total` while resources are deleted, and may pass it where new ones come. */
const toParameters = ({ id, state, total, done, types, error }: Job): Parameters => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'job', valueString: id },
    { name: 'state', valueCode: state },
    ...(total === null ? [] : [{ name: 'total', valueDecimal: total }]),
    { name: 'done', valueDecimal: done },
    ...(error === null || state === 'done'
      ? []
      : [
          {
            name: 'problem',
            valueString: 'The last batch failed and is tried again; the log of the worker says why.',
          },
        ]),
    ...types.map((type) => ({ name: 'type', valueCode: type })),
  ],
});
