/** What a request asks for, in the standard's words, for its figures: https://hl7.org/fhir/R4/valueset-system-restful-interaction.html */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Target } from '../interaction/index.ts';
import { isTracing } from '../platform/tracing.ts';

/** What an endpoint found out about the request of a response. */
const names = new WeakMap<ServerResponse, string>();

/** The same of the request's target, where there are traces. */
const targets = new WeakMap<ServerResponse, Target>();

export function nameInteraction(response: ServerResponse, name: string, target?: Target): void {
  names.set(response, name);
  if (target !== undefined && isTracing()) targets.set(response, target);
}

export const targetOf = (response: ServerResponse): Target | undefined => targets.get(response);

const OF_TYPE: Readonly<Record<string, string>> = {
  GET: 'search-type',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const OF_RESOURCE: Readonly<Record<string, string>> = { ...OF_TYPE, GET: 'read' };

const OF_TARGET: Readonly<Partial<Record<Target['kind'], string>>> = {
  metadata: 'capabilities',
  system: 'search-system',
  'search-system': 'search-system',
  'history-system': 'history-system',
  search: 'search-type',
  compartment: 'search-type',
  'history-type': 'history-type',
  version: 'vread',
  history: 'history-instance',
};

const UNKNOWN = 'unknown';

/** Of an operation its name, if there is one of this name: whatever is sent, there are only so many answers. */
export function interactionOf(method: string, target: Target, operations: Server['operations']): string {
  if ('operation' in target) return operations.has(target.operation) ? target.operation : UNKNOWN;
  if (target.kind === 'type') return ofMethod(OF_TYPE, method);
  if (target.kind === 'instance') return ofMethod(OF_RESOURCE, method);
  return OF_TARGET[target.kind] ?? UNKNOWN;
}

const ofMethod = (of: Readonly<Record<string, string>>, method: string): string =>
  Object.hasOwn(of, method) ? (of[method] ?? UNKNOWN) : UNKNOWN;

/** Roads beside FHIR, by what their addresses begin with. */
const ROADS: readonly (readonly [start: string, name: string])[] = [
  ['/fhir/R4/bulk/', 'bulk'],
  ['/fhir/R4', UNKNOWN],
  ['/app-state', 'app-state'],
  ['/oauth2', 'oauth2'],
  ['/admin', 'admin'],
  ['/apps', 'apps'],
  ['/livez', 'health'],
  ['/readyz', 'health'],
];

/** As its endpoint named it, otherwise by its address. */
export const nameOf = ({ url = '' }: Pick<IncomingMessage, 'url'>, response: ServerResponse): string =>
  names.get(response) ?? ROADS.find(([start]) => url.startsWith(start))?.[1] ?? 'other';
