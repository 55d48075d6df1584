/** $export: begins an export of all, of all patients, or of the patients of a Group. https://hl7.org/fhir/uv/bulkdata/STU2/export.html */
import type { Group } from '@medplum/fhirtypes';
import {
  defaultTypes,
  type ExportRequest,
  exportRight,
  insertJob,
  isPossibleType,
  mayReadGroup,
  NOT_EXPORTED,
  requesterOf,
  seenOf,
  typeFilter,
} from '../../bulk/index.ts';
import { badRequest, FhirError, forbidden, issue, notSupported } from '../../fhir/outcome.ts';
import { loadCurrent, type Operation, type OperationCall, type Request } from '../../interaction/index.ts';
import { parseDateRange } from '../../search/date-range.ts';
import { localReference } from '../../search/index.ts';
import { type ExportParameters, exportParameters } from './parameters.ts';

const DEFINITIONS = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

export const bulkExport: Operation = {
  name: '$export',
  at: [
    { level: 'system' },
    { level: 'type', resourceType: 'Patient', definition: `${DEFINITIONS}/patient-export` },
    { level: 'instance', resourceType: 'Group', definition: `${DEFINITIONS}/group-export` },
  ],
  affectsState: false,
  definition: `${DEFINITIONS}/export`,
  instantiates: 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data',
  run: begin,
};

/** Seconds after which a client that has too many exports may ask again. */
const RETRY_AFTER_S = 60;

async function begin(request: Request, call: OperationCall) {
  const { server, principal } = request;
  if (!call.prefers.includes('respond-async'))
    throw badRequest('An export needs the header Prefer: respond-async', 'http.Prefer');
  const parameters = exportParameters(call);
  const level = levelOf(call);
  const types = typesOf(request, level, parameters);
  const filters = await filtersOf(request, types, parameters);
  const patients = await patientsOf(request, level, call.id, parameters);
  const job: ExportRequest = {
    level,
    ...(level === 'group' && call.id !== undefined && { groupId: call.id }),
    types,
    filters,
    ...(parameters.since !== undefined && { since: parameters.since }),
    elements: parameters.elements,
    url: urlOf(request, call),
  };
  const { jobsMax } = server.config.bulk;
  const id = await insertJob(
    server.pool,
    { requester: requesterOf(principal), request: job, patients },
    jobsMax,
  );
  if (id === undefined) throw tooMany(jobsMax);
  return { status: 202, headers: { 'Content-Location': `${server.config.fhirBase}/bulk/${id}` } };
}

const levelOf = ({ resourceType }: OperationCall): ExportRequest['level'] =>
  resourceType === 'Group' ? 'group' : resourceType === 'Patient' ? 'patient' : 'system';

const tooMany = (jobsMax: number): FhirError =>
  new FhirError(
    429,
    [issue('throttled', `The client has ${jobsMax} exports that are not finished; wait, or delete one`)],
    { 'Retry-After': String(RETRY_AFTER_S) },
  );

/** Types that are named must all be permitted; of the others, those that are. */
function typesOf(
  request: Request,
  level: ExportRequest['level'],
  { types: named, isLenient }: ExportParameters,
): readonly string[] {
  if (level !== 'system' && exportRight(request, 'Patient') === undefined)
    throw forbidden('The export of patients needs the right to search and read Patient');
  const isPermitted = (type: string): boolean => exportRight(request, type) !== undefined;
  if (named === undefined) {
    const types = defaultTypes(level).filter(isPermitted);
    if (types.length === 0) throw forbidden('The rights of the token permit the export of no resource type');
    return types;
  }
  const types = named.filter((type) => {
    if (isPossibleType(level, type)) return true;
    if (isLenient) return false;
    const why = NOT_EXPORTED.has(type) ? 'cannot be exported' : 'is not part of an export of patients';
    throw notSupported(`Parameter _type: ${type} ${why}`, '_type');
  });
  const refused = types.find((type) => !isPermitted(type));
  if (refused !== undefined)
    throw forbidden(`The rights of the token do not permit the export of ${refused}`, '_type');
  if (types.length === 0) throw badRequest('Parameter _type: names nothing that can be exported', '_type');
  return types;
}

async function filtersOf(
  request: Request,
  types: readonly string[],
  { filters, isLenient }: ExportParameters,
): Promise<ExportRequest['filters']> {
  const taken: Record<string, string[]> = {};
  for (const [resourceType, query] of filters) {
    if (!types.includes(resourceType)) {
      if (isLenient) continue;
      throw badRequest(`Parameter _typeFilter: ${resourceType} is not exported`, '_typeFilter');
    }
    await typeFilter(request, resourceType, [query]);
    (taken[resourceType] ??= []).push(query);
  }
  return taken;
}

/** Undefined where there is no list. Whoever is not in the Group, or not to be seen, is told apart from nobody. */
async function patientsOf(
  request: Request,
  level: ExportRequest['level'],
  groupId: string | undefined,
  { patients: named }: ExportParameters,
): Promise<readonly string[] | undefined> {
  if (level === 'system') {
    if (named !== undefined)
      throw notSupported('Parameter patient: not at the level of the system', 'patient');
    return undefined;
  }
  const right = exportRight(request, 'Patient');
  if (right === undefined)
    throw forbidden('The export of patients needs the right to search and read Patient');
  const members = groupId === undefined ? undefined : await membersOf(request, groupId);
  const sought = named ?? members;
  if (sought === undefined) return undefined;
  const seen = await seenOf(request, 'Patient', right, sought);
  const isIn = new Set(members ?? sought);
  if (named?.some((id) => !seen.has(id) || !isIn.has(id)))
    throw badRequest(
      'Parameter patient: not all of them are patients of this export whom you may see',
      'patient',
    );
  return sought.filter((id) => seen.has(id)).sort();
}

/** Patients who belong to the Group at this time. Throws 403 and 404 as a read of the Group does. */
async function membersOf(request: Request, groupId: string): Promise<string[]> {
  const { content } = await loadCurrent(request, 'Group', groupId);
  if (!(await mayReadGroup(request, groupId))) throw forbidden('The Group cannot be read');
  const { member = [] } = JSON.parse(content) as Group;
  const now = Date.now();
  const ids = member.flatMap(({ entity, inactive, period }) => {
    const target = localReference(entity.reference ?? '', request.server.config.fhirBase);
    const isOver = (parseDateRange(period?.end ?? '')?.high ?? now) < now;
    return target?.type === 'Patient' && inactive !== true && !isOver ? [target.id] : [];
  });
  return [...new Set(ids)];
}

function urlOf({ server }: Request, { resourceType, id, parameters }: OperationCall): string {
  const path = [resourceType, id, '$export'].filter((part) => part !== undefined).join('/');
  const query = new URLSearchParams(parameters.map(([n, v]): [string, string] => [n, v])).toString();
  return `${server.config.fhirBase}/${path}${query === '' ? '' : `?${query}`}`;
}
