/** From method and target to the interaction: the table of what exists, for HTTP requests and batch entries alike. */
import { badRequest, methodNotAllowed, notFound } from '../fhir/outcome.ts';
import type { Answer, ReturnPreference } from './answer.ts';
import type { Compartment } from './compartment.ts';
import { create } from './create.ts';
import { conditionalDelete, deleteResource } from './delete.ts';
import { historyInstance } from './history-instance.ts';
import { historySystem, historyType } from './history-type.ts';
import { conditionalPatch, patch } from './patch.ts';
import type { PatchDocument } from './patch-document.ts';
import { read } from './read.ts';
import { accessOf, audited } from './record-access.ts';
import { parseFor } from './search-page.ts';
import { searchSystem } from './search-system.ts';
import { searchType } from './search-type.ts';
import type { Request } from './server.ts';
import { shaper } from './shape-resource.ts';
import type { Target } from './target.ts';
import { conditionalUpdate, update } from './update.ts';
import { vread } from './vread.ts';

export interface Call {
  readonly method: string;
  /** Anything but the CapabilityStatement, and Bundles sent to the base. */
  readonly target: Exclude<Target, { kind: 'metadata' }>;
  readonly parameters: readonly (readonly [string, string])[];
  /** The parsed body, where there is one. */
  readonly body?: unknown;
  /** The body of a PATCH. */
  readonly patch?: PatchDocument | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifNoneExist?: string | undefined;
  readonly preference: ReturnPreference;
  readonly handling: 'strict' | 'lenient';
  /** What the header Prefer says, part by part; an entry of a Bundle has none. */
  readonly prefers?: readonly string[];
}

type Method = (request: Request, call: Call) => Promise<Answer>;

/** Throws FhirError, 405 for a method that the target does not have. */
export const dispatch = (request: Request, call: Call): Promise<Answer> =>
  audited(request, accessOf(call.method, call.target, call.parameters), () => run(request, call));

async function run(request: Request, call: Call): Promise<Answer> {
  const methods = methodsOf(call.target);
  const method = call.method === 'HEAD' ? 'GET' : call.method;
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!found) throw noSuchMethod(call.method, call.target.kind, Object.keys(methods));
  const answer = await found(request, call);
  if (call.method !== 'HEAD') return answer;
  const { body: _body, ...head } = answer;
  return head;
}

/** The methods of an address, for OPTIONS. */
export function allowedMethods(target: Target): string[] {
  const methods = target.kind === 'metadata' ? ['GET'] : Object.keys(methodsOf(target));
  if (target.kind === 'system') methods.push('POST');
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function methodsOf(target: Call['target']): Readonly<Partial<Record<string, Method>>> {
  switch (target.kind) {
    case 'system':
      return { GET: (request, call) => searchSystem(request, call.parameters, call.handling) };
    case 'search-system':
      return { POST: (request, call) => searchSystem(request, call.parameters, call.handling) };
    case 'history-system':
      return { GET: (request, call) => historySystem(request, call.parameters, call.handling) };
    case 'type':
      return {
        GET: (request, call) => searchType(request, target.resourceType, call.parameters, call.handling),
        POST: (request, call) => create(request, target.resourceType, call.body, call),
        PUT: (request, call) =>
          conditionalUpdate(request, target.resourceType, call.parameters, call.body, call),
        PATCH: (request, call) =>
          conditionalPatch(request, target.resourceType, call.parameters, patchOf(call), call),
        DELETE: (request, call) =>
          conditionalDelete(request, target.resourceType, call.parameters, call.ifMatch),
      };
    case 'search':
      return {
        POST: (request, call) => searchType(request, target.resourceType, call.parameters, call.handling),
      };
    case 'history-type':
      return {
        GET: (request, call) => historyType(request, target.resourceType, call.parameters, call.handling),
      };
    case 'instance':
      return {
        GET: async (request, call) =>
          shaped(request, target, call, await read(request, target.resourceType, target.id, call)),
        PUT: (request, call) => update(request, target.resourceType, target.id, call.body, call),
        PATCH: (request, call) => patch(request, target.resourceType, target.id, patchOf(call), call),
        DELETE: (request, call) => deleteResource(request, target.resourceType, target.id, call.ifMatch),
      };
    case 'history':
      return {
        GET: (request, call) =>
          historyInstance(request, target.resourceType, target.id, call.parameters, call.handling),
      };
    case 'version':
      return {
        GET: async (request, call) =>
          shaped(
            request,
            target,
            call,
            await vread(request, target.resourceType, target.id, target.versionId),
          ),
      };
    case 'compartment':
      return {
        [target.isForm ? 'POST' : 'GET']: (request: Request, call: Call) =>
          searchCompartment(request, call, target),
      };
    case 'operation-system':
    case 'operation-type':
    case 'operation-instance':
      return operationMethods(target);
  }
}

function patchOf({ patch: document }: Call): PatchDocument {
  if (document === undefined) throw badRequest('The request has no patch', 'http.body');
  return document;
}

/** https://hl7.org/fhir/R4/http.html#parameters: reads take `_elements` and `_summary` too. */
function shaped(
  request: Request,
  { resourceType }: { readonly resourceType: string },
  { parameters, handling }: Call,
  answer: Answer,
): Answer {
  const own = parameters.filter(([name]) => name === '_elements' || name === '_summary');
  if (own.length === 0 || answer.body === undefined) return answer;
  const shape = shaper(parseFor(request, resourceType, own, handling));
  return shape ? { ...answer, body: shape(answer.body) } : answer;
}

async function searchCompartment(
  request: Request,
  { parameters, handling }: Call,
  { resourceType, id, searched }: Target & { kind: 'compartment' },
): Promise<Answer> {
  if (resourceType !== 'Patient' && resourceType !== 'Encounter')
    throw notFound(`${resourceType} has no compartment here; Patient and Encounter have one`);
  const compartment: Compartment = { name: resourceType, id };
  return searched === '*'
    ? searchSystem(request, parameters, handling, compartment)
    : searchType(request, searched, parameters, handling, compartment);
}

function operationMethods(
  target: Target & { kind: 'operation-system' | 'operation-type' | 'operation-instance' },
): Readonly<Partial<Record<string, Method>>> {
  const run: Method = (request, call) => {
    const operation = request.server.operations.get(target.operation);
    const level = target.kind === 'operation-system' ? 'system' : target.kind === 'operation-type' ? 'type' : 'instance'; // prettier-ignore
    const type = 'resourceType' in target ? target.resourceType : undefined;
    const isThere = operation?.at.some((a) => a.level === level && a.resourceType === type) === true;
    if (!operation || !isThere) throw notFound(`There is no operation ${target.operation} here`);
    if (call.method === 'GET' && operation.affectsState) throw noSuchMethod('GET', target.kind, ['POST']);
    return operation.run(request, {
      resourceType: type,
      id: 'id' in target ? target.id : undefined,
      parameters: call.parameters,
      body: call.body,
      ifMatch: call.ifMatch,
      handling: call.handling,
      prefers: call.prefers ?? [],
    });
  };
  return { GET: run, POST: run };
}

const noSuchMethod = (method: string, kind: Target['kind'], allowed: readonly string[]) => {
  const place = kind === 'instance' ? 'a resource' : kind.startsWith('operation') ? 'this operation' : `a ${kind} URL`; // prettier-ignore
  return methodNotAllowed(`${method} is not supported on ${place}`, allowed);
};
