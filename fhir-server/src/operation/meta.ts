/**
 * $meta, $meta-add and $meta-delete: the profiles, tags and security labels of one resource, or all that are in use.
 * https://hl7.org/fhir/R4/resource-operation-meta.html
 */
import type { Coding, Meta, Parameters, Resource } from '@medplum/fhirtypes';
import { resourceTypes } from '../fhir/definitions/index.ts';
import { badRequest } from '../fhir/outcome.ts';
import {
  type Answer,
  loadCurrent,
  type Operation,
  type OperationCall,
  patch,
  permit,
  permitted,
  type Request,
} from '../interaction/index.ts';
import { labelsInUse } from '../storage/index.ts';
import { OperationInput } from './operation-input.ts';

const TYPES = resourceTypes();
const onInstances = TYPES.map((resourceType) => ({ level: 'instance', resourceType }) as const);
const definition = (name: string): string => `http://hl7.org/fhir/OperationDefinition/Resource-${name}`;

export const meta: Operation = {
  name: '$meta',
  at: [
    { level: 'system' },
    ...TYPES.map((resourceType) => ({ level: 'type', resourceType }) as const),
    ...onInstances,
  ],
  affectsState: false,
  definition: definition('meta'),
  async run(request, call) {
    new OperationInput(request.server, call, {});
    const { resourceType, id } = call;
    if (resourceType !== undefined && id !== undefined) {
      const { content } = await loadCurrent(request, resourceType, id);
      return answer((JSON.parse(content) as Resource).meta ?? {});
    }
    return answer(await labelsOf(request, resourceType));
  },
};

export const metaAdd: Operation = {
  name: '$meta-add',
  at: onInstances,
  affectsState: true,
  definition: definition('meta-add'),
  run: (request, call) => change(request, call, add),
};

export const metaDelete: Operation = {
  name: '$meta-delete',
  at: onInstances,
  affectsState: true,
  definition: definition('meta-delete'),
  run: (request, call) => change(request, call, remove),
};

const answer = (of: Meta): Answer => {
  const body: Parameters = { resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: of }] };
  return { status: 200, headers: {}, body: JSON.stringify(body) };
};

type Labels = Pick<Meta, 'profile' | 'tag' | 'security'>;

/** The labels change in a new version of the resource, by the way of every patch; without a change there is none. */
async function change(
  request: Request,
  call: OperationCall,
  by: (before: Meta, labels: Labels) => Meta,
): Promise<Answer> {
  const { resourceType = '', id = '', ifMatch } = call;
  permit(request, 'patch', resourceType);
  const labels = labelsIn(new OperationInput(request.server, call, { meta: 'Meta' }).meta('meta'));
  if (ifMatch === undefined) {
    const { content } = await loadCurrent(request, resourceType, id);
    const before = (JSON.parse(content) as Resource).meta ?? {};
    if (isSame(before, by(before, labels))) return answer(before);
  }
  const document = { kind: 'change', change: (resource: Resource) => withMeta(resource, by(resource.meta ?? {}, labels)) } as const; // prettier-ignore
  const patched = await patch(request, resourceType, id, document, { ifMatch, preference: 'representation' });
  const { headers } = patched;
  return { ...answer((JSON.parse(patched.body ?? '{}') as Resource).meta ?? {}), headers };
}

/** Throws 400 for what is not there, and for what only the server sets. */
function labelsIn(given: Meta | undefined): Labels {
  if (given === undefined) throw badRequest('Parameter meta: a Meta is expected', 'meta');
  const { profile = [], tag = [], security = [], ...others } = given;
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw badRequest(`Only profiles, tags and security labels can be changed, not ${other}`, `meta.${other}`);
  return { profile, tag, security };
}

const sameCoding =
  (a: Coding) =>
  (b: Coding): boolean =>
    a.system === b.system && a.code === b.code;

const addCodings = (before: readonly Coding[] = [], more: readonly Coding[] = []): Coding[] =>
  more.reduce<Coding[]>((all, one) => (all.some(sameCoding(one)) ? all : [...all, one]), [...before]);

const add = (before: Meta, { profile = [], tag, security }: Labels): Meta => ({
  ...before,
  profile: [...new Set([...(before.profile ?? []), ...profile])],
  tag: addCodings(before.tag, tag),
  security: addCodings(before.security, security),
});

const withoutCodings = (before: readonly Coding[] = [], gone: readonly Coding[] = []): Coding[] =>
  before.filter((one) => !gone.some(sameCoding(one)));

const remove = (before: Meta, { profile = [], tag, security }: Labels): Meta => ({
  ...before,
  profile: (before.profile ?? []).filter((one) => !profile.includes(one)),
  tag: withoutCodings(before.tag, tag),
  security: withoutCodings(before.security, security),
});

const LISTS = ['profile', 'tag', 'security'] as const;

const isSame = (before: Meta, after: Meta): boolean =>
  LISTS.every((name) => (before[name] ?? []).length === (after[name] ?? []).length);

/** FHIR has no empty lists. */
function withMeta(resource: Resource, changed: Meta): Resource {
  const kept = { ...changed };
  for (const name of LISTS) if (kept[name]?.length === 0) delete kept[name];
  return { ...resource, meta: kept };
}

/** For all types together. */
const LABELS_TIME_MAX_MS = 3_000;

/**
 * What is in use in all resources that the caller may search. Throws 403 when he may search none of the type, and 422 when it
 * takes too long.
 */
async function labelsOf(request: Request, resourceType: string | undefined): Promise<Meta> {
  const { server } = request;
  const deadline = performance.now() + LABELS_TIME_MAX_MS;
  let found: Meta = {};
  for (const type of resourceType === undefined ? TYPES : [resourceType]) {
    const filter = (resourceType === undefined ? permitted : permit)(request, 'search-type', type);
    if (filter === undefined || !(await server.tables.exists(type))) continue;
    const left = deadline - performance.now();
    for (const labels of await labelsInUse(server.pool, server.registry, type, filter, left))
      found = add(found, labels);
  }
  return withMeta({ resourceType: 'Basic', code: {} }, found).meta ?? {};
}
