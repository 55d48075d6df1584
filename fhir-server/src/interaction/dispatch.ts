/** From method and target to the interaction: the table of what exists, for HTTP requests and batch entries alike. */
import { methodNotAllowed } from '../fhir/outcome.ts';
import type { Answer, ReturnPreference } from './answer.ts';
import { create } from './create.ts';
import { deleteResource } from './delete.ts';
import { historyInstance } from './history-instance.ts';
import { historyType } from './history-type.ts';
import { read } from './read.ts';
import { searchType } from './search-type.ts';
import type { Request } from './server.ts';
import type { TypeTarget } from './target.ts';
import { update } from './update.ts';
import { vread } from './vread.ts';

export interface Call {
  readonly method: string;
  readonly target: TypeTarget;
  readonly parameters: readonly (readonly [string, string])[];
  /** The parsed body, where there is one. */
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifNoneExist?: string | undefined;
  readonly preference: ReturnPreference;
  readonly handling: 'strict' | 'lenient';
}

/** Throws FhirError, 405 for a method that the target does not have. */
export function dispatch(request: Request, call: Call): Promise<Answer> {
  const { target, method, preference } = call;
  const { resourceType } = target;
  switch (`${method} ${target.kind}`) {
    case 'GET type':
    case 'POST search':
      return searchType(request, resourceType, call.parameters, call.handling);
    case 'POST type':
      return create(request, resourceType, call.body, { ifNoneExist: call.ifNoneExist, preference });
    case 'GET history-type':
      return historyType(request, resourceType, call.parameters, call.handling);
  }
  if (target.kind === 'type' || target.kind === 'search' || target.kind === 'history-type')
    throw noSuchMethod(method, target.kind);
  switch (`${method} ${target.kind}`) {
    case 'GET instance':
      return read(request, resourceType, target.id, call);
    case 'PUT instance':
      return update(request, resourceType, target.id, call.body, call);
    case 'DELETE instance':
      return deleteResource(request, resourceType, target.id, call.ifMatch);
    case 'GET history':
      return historyInstance(request, resourceType, target.id, call.parameters, call.handling);
  }
  if (method === 'GET' && target.kind === 'version')
    return vread(request, resourceType, target.id, target.versionId);
  throw noSuchMethod(method, target.kind);
}

const noSuchMethod = (method: string, kind: string) =>
  methodNotAllowed(`${method} is not supported on ${kind === 'instance' ? 'a resource' : `a ${kind} URL`}`);
