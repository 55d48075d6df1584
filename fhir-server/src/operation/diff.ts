/**
 * $diff: what changed between two versions, or differs between two resources, as a FHIRPath Patch. The standard names no such
 * operation; its parameters are those by which other servers have it.
 */
import type { Resource } from '@medplum/fhirtypes';
import { resourceTypes } from '../fhir/definitions/index.ts';
import { markedToJson, parseStored } from '../fhir/json/index.ts';
import { badRequest, FhirError, issue } from '../fhir/outcome.ts';
import { diffResources } from '../fhir/patch/index.ts';
import {
  loadCurrent,
  loadVersion,
  type Operation,
  type OperationCall,
  type Request,
} from '../interaction/index.ts';
import type { StoredVersion } from '../storage/index.ts';
import { OperationInput } from './operation-input.ts';

/** As many operations as a patch may have. */
const OPERATIONS_MAX = 1_000;
const TYPES = resourceTypes();

export const diff: Operation = {
  name: '$diff',
  at: [{ level: 'system' }, ...TYPES.map((resourceType) => ({ level: 'instance', resourceType }) as const)],
  affectsState: false,
  definition: 'urn:dr-assistant:OperationDefinition:diff',
  async run(request, call) {
    const input = new OperationInput(request.server, call, {
      ...(call.id === undefined ? { from: 'text', to: 'text' } : { fromVersion: 'text', toVersion: 'text' }),
      includeMeta: 'boolean',
    });
    const [before, after] =
      call.id === undefined ? await loadNamed(request, input) : await loadVersions(request, call, input);
    const skipped = new Set(input.boolean('includeMeta') === true ? [] : ['meta']);
    const patch = diffResources(parse(before), parse(after), skipped);
    if ((patch.parameter?.length ?? 0) > OPERATIONS_MAX)
      throw new FhirError(422, [issue('too-costly', `They differ in more than ${OPERATIONS_MAX} places`)]);
    return { status: 200, headers: {}, body: markedToJson(patch) };
  },
};

const parse = ({ content }: StoredVersion): Resource => parseStored<Resource>(content);

type Two = readonly [before: StoredVersion, after: StoredVersion];

/** Without versions the current one with the one before it. */
async function loadVersions(
  request: Request,
  { resourceType = '', id = '' }: OperationCall,
  input: OperationInput,
): Promise<Two> {
  const to = input.text('toVersion');
  const after =
    to === undefined
      ? await loadCurrent(request, resourceType, id)
      : await loadVersion(request, resourceType, id, to);
  const from = input.text('fromVersion') ?? String(after.versionId - 1);
  if (from === '0') throw badRequest(`${resourceType}/${id} has no version before the first`, 'fromVersion');
  return [await loadVersion(request, resourceType, id, from), after];
}

async function loadNamed(request: Request, input: OperationInput): Promise<Two> {
  const [from, to] = [named(request, input, 'from'), named(request, input, 'to')];
  if (from.resourceType !== to.resourceType)
    throw badRequest(`A ${from.resourceType} is not compared with a ${to.resourceType}`, 'to');
  return [await from.load(), await to.load()];
}

const NAMED = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** `Type/id` or `Type/id/_history/vid`. Throws 400 for anything else. */
function named(request: Request, input: OperationInput, name: 'from' | 'to') {
  const text = input.text(name) ?? '';
  const base = `${request.server.config.fhirBase}/`;
  const relative = text.startsWith(base) ? text.slice(base.length) : text;
  const [, type = '', id = '', version] = NAMED.exec(relative) ?? [];
  if (!TYPES.includes(type))
    throw badRequest(`Parameter ${name}: Type/id or Type/id/_history/vid of this server is expected`, name);
  return {
    resourceType: type,
    load: () =>
      version === undefined ? loadCurrent(request, type, id) : loadVersion(request, type, id, version),
  };
}
