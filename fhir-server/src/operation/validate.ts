/** $validate: whether a resource is valid, and whether a write of it would succeed. https://hl7.org/fhir/R4/resource-operation-validate.html */
import type { OperationOutcome, OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { isResourceType, resourceTypes } from '../fhir/definitions/index.ts';
import { badRequest, forbidden, issue } from '../fhir/outcome.ts';
import {
  discloseVersion,
  examine,
  integrityIssues,
  loadCurrent,
  type Operation,
  type OperationCall,
  permit,
  permitted,
  type Request,
  unknownResource,
} from '../interaction/index.ts';
import { extractIndex } from '../search/index.ts';
import { decideCandidates, readCurrent, type StoredVersion } from '../storage/index.ts';
import { askedProfileIssues } from './validate-profile.ts';

const MODES = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof MODES)[number];

export const validateOperation: Operation = {
  name: '$validate',
  at: [
    { level: 'system' },
    ...resourceTypes().flatMap((resourceType) => [
      { level: 'type' as const, resourceType },
      { level: 'instance' as const, resourceType },
    ]),
  ],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  run,
};

interface Input {
  readonly resource: unknown;
  readonly mode: Mode | undefined;
  readonly profiles: readonly string[];
}

async function run(request: Request, call: OperationCall) {
  const input = readInput(call);
  const resourceType = call.resourceType ?? typeOf(input.resource);
  checkRights(request, input.mode, resourceType);
  checkMode(input, call);
  const issues = await issuesOf(request, call, resourceType, input);
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: issues.length > 0 ? issues : [issue('informational', 'All OK', undefined, 'information')],
  };
  return { status: 200, headers: {}, body: JSON.stringify(outcome) };
}

async function issuesOf(
  request: Request,
  call: OperationCall,
  resourceType: string,
  { resource, mode, profiles }: Input,
): Promise<OperationOutcomeIssue[]> {
  if (call.id !== undefined) {
    const stored = await storedVersion(request, resourceType, call.id, mode);
    if (mode === 'delete') return integrityOf(request, { interaction: 'delete', resourceType, id: call.id });
    if (resource === undefined && stored !== undefined)
      return examineAll(request, JSON.parse(stored.content), profiles);
  }
  if (resource === undefined) throw badRequest('There is no resource to validate', 'Parameters.parameter');
  checkType(resource, resourceType);
  const issues = await examineAll(request, resource, profiles);
  if (mode === 'create' || mode === 'update')
    issues.push(...(await writeIssues(request, resource as Resource, mode, call.id, issues)));
  return issues;
}

/** Whoever may not see the resource learns nothing of it. Throws 404 where it must be there, which is not so for an update. */
async function storedVersion(
  request: Request,
  resourceType: string,
  id: string,
  mode: Mode | undefined,
): Promise<StoredVersion | undefined> {
  if (mode !== 'update' && mode !== 'delete') return loadCurrent(request, resourceType, id);
  const { server, db } = request;
  const filter = permit(request, mode, resourceType);
  const found = (await server.tables.exists(resourceType))
    ? await readCurrent(db, server.registry, resourceType, id, filter)
    : undefined;
  if (found === undefined && mode === 'delete') throw unknownResource(resourceType, id);
  return found === undefined || found.deleted ? undefined : discloseVersion(request, resourceType, found);
}

async function examineAll(
  request: Request,
  resource: unknown,
  profiles: readonly string[],
): Promise<OperationOutcomeIssue[]> {
  const issues = await examine(request.server, resource, { reportsMustSupport: true });
  return [...issues, ...(await askedProfileIssues(request, resource, profiles))];
}

/** What would refuse the write though the resource is valid. */
async function writeIssues(
  { server, ...request }: Request,
  resource: Resource,
  mode: 'create' | 'update',
  id: string | undefined,
  before: readonly OperationOutcomeIssue[],
): Promise<OperationOutcomeIssue[]> {
  const place = `${resource.resourceType}.id`;
  if (mode === 'update' && resource.id !== id)
    return [issue('invalid', 'The resource must have the id of the URL', place)];
  if (before.some(({ severity }) => severity === 'error')) return [];
  const issues: OperationOutcomeIssue[] = [];
  if (mode === 'create' && resource.id !== undefined)
    issues.push(issue('informational', 'A create gives the resource another id', place, 'information'));
  const stamped = { ...resource, id: id ?? resource.id ?? 'new' };
  const index = extractIndex(stamped, { registry: server.registry, baseUrl: server.config.fhirBase });
  const filter = permit({ server, ...request }, mode, resource.resourceType);
  const candidate = { id: stamped.id, lastUpdated: Date.now(), index };
  const decider = { db: request.db, registry: server.registry };
  if (!(await decideCandidates(decider, resource.resourceType, filter, [candidate]))[0])
    issues.push(issue('forbidden', 'You may not write a resource with this content', resource.resourceType));
  const write = { interaction: mode, resourceType: resource.resourceType, id: stamped.id, resource } as const;
  return [...issues, ...(await integrityOf({ server, ...request }, write))];
}

async function integrityOf(
  request: Request,
  write: Parameters<typeof integrityIssues>[2][number],
): Promise<OperationOutcomeIssue[]> {
  const advice = await integrityIssues(request, request.db, [write]);
  return [...advice.values()].flat();
}

/** Who may write resources of a type may validate them. Throws 403. */
function checkRights(request: Request, mode: Mode | undefined, resourceType: string): void {
  if (mode !== undefined && mode !== 'profile') permit(request, mode, resourceType);
  else if (!(['create', 'update'] as const).some((i) => permitted(request, i, resourceType) !== undefined))
    throw forbidden(`Who may neither create nor update a ${resourceType} may not validate one`);
}

function checkMode({ mode, profiles, resource }: Input, { id }: OperationCall): void {
  if (mode === 'create' && id !== undefined)
    throw badRequest('Mode create is for the type, not for a resource that is there', 'mode');
  if ((mode === 'update' || mode === 'delete') && id === undefined)
    throw badRequest(`Mode ${mode} needs the URL of the resource, with its id`, 'mode');
  if (mode === 'profile' && profiles.length === 0)
    throw badRequest('Mode profile needs the parameter profile', 'profile');
  if (mode === 'delete' && resource !== undefined)
    throw badRequest('Mode delete has no resource', 'resource');
}

function checkType(resource: unknown, resourceType: string): void {
  const found = typeOf(resource);
  if (found !== resourceType)
    throw badRequest(`A ${resourceType} is expected, not a ${found}`, `${resourceType}.resourceType`);
}

function typeOf(resource: unknown): string {
  const found = (resource as { resourceType?: unknown } | null | undefined)?.resourceType;
  if (typeof found === 'string' && isResourceType(found)) return found;
  throw badRequest('A resource with a resourceType of FHIR R4 is expected', 'resourceType');
}

interface Parameter {
  readonly name?: unknown;
  readonly resource?: unknown;
}

/** The body is the resource itself, or a Parameters with it. It is not checked here: that is what is asked for. */
function readInput({ parameters, body, handling, resourceType }: OperationCall): Input {
  const inside = parametersIn(body, resourceType);
  const given = [...parameters.map(([name, text]) => ({ name, valueString: text })), ...(inside ?? [])];
  const isBare = body !== undefined && inside === undefined;
  const resources = given.filter(({ name }) => name === 'resource').map((p: Parameter) => p.resource);
  const texts = (wanted: string): string[] => given.filter(({ name }) => name === wanted).map(textOf);
  const unknown = given.find(({ name }) => !['resource', 'mode', 'profile', '_format', '_pretty'].includes(String(name))); // prettier-ignore
  if (unknown !== undefined && handling === 'strict')
    throw badRequest('$validate has the parameters resource, mode and profile', 'Parameters.parameter');
  const [mode] = texts('mode');
  if (mode !== undefined && !MODES.some((m) => m === mode))
    throw badRequest(`Parameter mode: one of ${MODES.join(', ')} is expected`, 'mode');
  if (resources.length > 1) throw badRequest('There is more than one resource', 'resource');
  return {
    resource: isBare ? body : resources[0],
    mode: mode as Mode | undefined,
    profiles: texts('profile'),
  };
}

const OWN = new Set<unknown>(['resource', 'mode', 'profile']);

/**
 * Of a Parameters that is meant for the operation: it names one of its parameters, or something else is to be validated. Undefined
 * for what is to be validated itself.
 */
function parametersIn(body: unknown, wanted: string | undefined): Parameter[] | undefined {
  const { resourceType, parameter } = (body ?? {}) as { resourceType?: unknown; parameter?: unknown };
  if (resourceType !== 'Parameters') return undefined;
  const listed: unknown[] = Array.isArray(parameter) ? parameter : [];
  const all = listed.filter((p): p is Parameter => typeof p === 'object' && p !== null);
  const isMeant = all.some(({ name }) => OWN.has(name)) || (wanted !== undefined && wanted !== 'Parameters');
  return isMeant ? all : undefined;
}

function textOf(parameter: Parameter): string {
  const [value] = Object.entries(parameter).flatMap(([key, v]) =>
    key.startsWith('value') ? [v as unknown] : [],
  );
  if (typeof value === 'string') return value;
  throw badRequest(`Parameter ${String(parameter.name)}: text is expected`, String(parameter.name));
}
