/** The writes of an installation: by the way of every other write, with the rights of the operator who asked for it. */
import type { Resource } from '@medplum/fhirtypes';
import { shippedPolicy, type Principal } from '../access/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import {
  checkResource,
  commitWrites,
  inWriteTransaction,
  type Request,
  type Server,
} from '../interaction/index.ts';
import { ALL } from '../search/index.ts';
import { readCurrent } from '../storage/index.ts';
import { disownResources, ownResources } from './package-store.ts';
import type { PlannedResource } from './plan-resources.ts';

/** Resources in one transaction. */
const BATCH_SIZE = 50;

const PRINCIPAL: Principal = {
  kind: 'client',
  clientId: 'package-installation',
  scopes: [{ text: 'system/*.cruds', level: 'system', resourceType: '*', letters: 'cruds', params: [] }],
  policy: shippedPolicy('client'),
};

const requestOf = (server: Server): Request => ({ server, principal: PRINCIPAL, db: server.reader });

export interface StoreReport {
  readonly count: number;
  readonly skipped: readonly string[];
}

/** `own`: `Type/id` of what this package stored before; whatever else has one of the ids is left alone. */
export async function storeResources(
  server: Server,
  name: string,
  resources: readonly PlannedResource[],
  own: ReadonlySet<string>,
): Promise<StoreReport> {
  const skipped: string[] = [];
  let count = 0;
  for (let from = 0; from < resources.length; from += BATCH_SIZE) {
    const batch = resources.slice(from, from + BATCH_SIZE);
    await server.tables.ensure([...new Set(batch.map(({ resource }) => resource.resourceType))]);
    const checked: PlannedResource[] = [];
    for (const planned of batch) {
      const fault = await faultOf(server, planned, own);
      if (fault === undefined) checked.push(planned);
      else skipped.push(`${planned.file}: ${fault}`);
    }
    const refused = await storeOrSplit(server, name, checked);
    skipped.push(...refused);
    count += checked.length - refused.length;
  }
  return { count, skipped };
}

/** One refused resource refuses its transaction: then each goes alone. `file: why` of those that are refused. */
async function storeOrSplit(
  server: Server,
  name: string,
  planned: readonly PlannedResource[],
): Promise<string[]> {
  if (planned.length === 0) return [];
  try {
    await store(server, name, planned);
    return [];
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (planned.length === 1) return [`${planned[0]!.file}: ${error.message}`];
  }
  const refused: string[] = [];
  for (const one of planned) refused.push(...(await storeOrSplit(server, name, [one])));
  return refused;
}

async function faultOf(
  server: Server,
  { resource }: PlannedResource,
  own: ReadonlySet<string>,
): Promise<string | undefined> {
  const { resourceType, id } = resource;
  try {
    checkResource(server, resource, resourceType);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return error.message.slice(0, 500);
  }
  if (own.has(`${resourceType}/${id}`)) return undefined;
  const there = await readCurrent(server.pool, server.registry, resourceType, id, ALL);
  return there === undefined || there.deleted ? undefined : `${resourceType}/${id} is somebody else's`;
}

async function store(server: Server, name: string, planned: readonly PlannedResource[]): Promise<void> {
  const request = requestOf(server);
  const resources: (Resource & { readonly id: string })[] = planned.map(({ resource }) => resource);
  await inWriteTransaction(
    request,
    resources.map((r) => r.resourceType),
    async (client) => {
      await commitWrites(
        request,
        client,
        resources.map((resource) => ({
          interaction: 'update',
          resourceType: resource.resourceType,
          id: resource.id,
          resource,
        })),
      );
      await ownResources(client, name, resources);
    },
  );
}

/** What an older version of the package had, and this one has not. */
export async function deleteOthers(server: Server, names: readonly string[]): Promise<void> {
  const request = requestOf(server);
  for (let from = 0; from < names.length; from += BATCH_SIZE) {
    const gone = names.slice(from, from + BATCH_SIZE).map((resource) => {
      const [resourceType = '', id = ''] = resource.split('/');
      return { resourceType, id };
    });
    await inWriteTransaction(
      request,
      gone.map((r) => r.resourceType),
      async (client) => {
        await commitWrites(
          request,
          client,
          gone.map((r) => ({ interaction: 'delete', ...r })),
        );
        await disownResources(client, gone);
      },
    );
  }
}
