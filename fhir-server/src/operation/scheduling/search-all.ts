/** Resources that a search finds, for operations that work with them. */
import type { Resource } from '@medplum/fhirtypes';
import {
  disclose,
  findPage,
  parseFor,
  permit,
  type Request,
  resolveSearch,
} from '../../interaction/index.ts';
import { and } from '../../search/index.ts';

type Parameters = readonly (readonly [string, string])[];

/** At most `count`, as far as the caller sees them. Throws 400 for a faulty search and 403 for who may not search the type. */
export async function searchAll<T extends Resource>(
  request: Request,
  resourceType: T['resourceType'],
  parameters: Parameters,
  count: number,
): Promise<T[]> {
  const { tables, registry, config } = request.server;
  const right = permit(request, 'search-type', resourceType);
  if (!(await tables.exists(resourceType))) return [];
  const { filter, sort } = parseFor(request, resourceType, parameters, 'strict');
  const sought = and(await resolveSearch(request, resourceType, filter), right);
  if (sought.kind === 'none') return [];
  const query = { registry, resourceType, filter: sought, sort, count, bytesMax: config.pageBytesMax };
  const { versions } = await findPage(request, query);
  return versions.map(({ content }) => JSON.parse(disclose(request, resourceType, content)) as T);
}
