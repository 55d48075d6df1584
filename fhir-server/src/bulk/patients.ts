/** Which resources belong to the patients of an export. */
import type { Resource } from '@medplum/fhirtypes';
import { mayReadVersions, type Request } from '../interaction/index.ts';
import {
  and,
  compartmentIds,
  compartmentKey,
  type Expression,
  extractIndex,
  type IndexRow,
  parseConditions,
} from '../search/index.ts';
import { type AsOfVersion, storedKey } from '../storage/index.ts';
import { exportRight, seenOf } from './rights.ts';

/** Patients whose resources are read together: few, so that a page or two have them all. */
export const CHUNK = 25;

export interface Within {
  /** Of the database. */
  readonly filter: Expression | undefined;
  /** Stored keys of all Patients of the export, with the chunk of each, where resources may belong to several. */
  readonly keys?: ReadonlyMap<string, number>;
  /** Of a page, those that belong here. */
  keep(versions: readonly AsOfVersion[]): Promise<readonly AsOfVersion[]>;
}

const indexOf = ({ server }: Request, content: string): IndexRow =>
  extractIndex(JSON.parse(content) as Resource, {
    registry: server.registry,
    baseUrl: server.config.fhirBase,
  });

/** Without those superseded ones that do not pass: no filter of the database has decided on them. */
export async function permittedOf(
  request: Request,
  resourceType: string,
  versions: readonly AsOfVersion[],
  filter: Expression,
): Promise<readonly AsOfVersion[]> {
  const superseded = versions.filter((v) => v.isSuperseded);
  if (superseded.length === 0) return versions;
  const decided = await mayReadVersions(request, resourceType, superseded, filter);
  const refused = new Set(superseded.filter((_, i) => decided[i] !== true));
  return versions.filter((v) => !refused.has(v));
}

/** Patients to whom a version belongs, by its content. */
export function patientsOf(
  request: Request,
  resourceType: string,
  id: string,
  content: string,
): readonly string[] {
  if (resourceType === 'Patient') return [id];
  const index = indexOf(request, content);
  const { patient } = index.links;
  if (resourceType === 'Device') return patient === undefined ? [] : [patient];
  return [...new Set([...(patient === undefined ? [] : [patient]), ...compartmentIds(index, 'Patient')])];
}

/** Those of a list, some at a time: a resource comes with the first of its patients. */
export class ListedPatients {
  readonly #ids: readonly string[];
  readonly #chunkOf: ReadonlyMap<string, number>;
  readonly #keys: ReadonlyMap<string, number>;

  constructor(ids: readonly string[]) {
    this.#ids = ids;
    this.#chunkOf = new Map(ids.map((id, i) => [id, Math.floor(i / CHUNK)]));
    this.#keys = new Map(
      [...this.#chunkOf].map(([id, chunk]) => [storedKey(compartmentKey('Patient', id)), chunk]),
    );
  }

  get chunks(): number {
    return Math.ceil(this.#ids.length / CHUNK);
  }

  async within(request: Request, resourceType: string, chunk: number): Promise<Within> {
    const right = exportRight(request, 'Patient');
    const all = this.#ids.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
    const seen = right === undefined ? new Set<string>() : await seenPatients(request, right, all);
    const ids = all.filter((id) => seen.has(id));
    const isOne = this.chunks === 1 || resourceType === 'Patient' || resourceType === 'Device';
    return {
      filter: ids.length === 0 ? undefined : filterOf(request, resourceType, ids),
      ...(!isOne && { keys: this.#keys }),
      keep: (versions) =>
        Promise.resolve(
          versions.filter((v) => {
            if (!v.isSuperseded) return isOne || v.leastKey === chunk;
            const owners = patientsOf(request, resourceType, v.id, v.content);
            const chunks = owners.flatMap((id) => this.#chunkOf.get(id) ?? []);
            return Math.min(...chunks) === chunk && owners.some((id) => seen.has(id));
          }),
        ),
    };
  }

  has(ids: readonly string[]): boolean {
    return ids.some((id) => this.#chunkOf.has(id));
  }
}

function filterOf({ server }: Request, resourceType: string, ids: readonly string[]): Expression {
  if (resourceType === 'Patient') return { kind: 'id', ids };
  if (resourceType !== 'Device') return { kind: 'key', keys: ids.map((id) => compartmentKey('Patient', id)) };
  const of = ids.map((id) => `Patient/${id}`).join(',');
  return parseConditions('Device', [['patient', of]], {
    registry: server.registry,
    baseUrl: server.config.fhirBase,
  });
}

/** All that the requester may see: a resource must belong to one of them. */
export function withinAllPatients(request: Request, resourceType: string): Within {
  const right = exportRight(request, 'Patient');
  if (right === undefined) return { filter: undefined, keep: () => Promise.resolve([]) };
  return {
    filter: and(),
    async keep(versions) {
      if (resourceType === 'Patient') return versions;
      const find = (ids: readonly string[]) => seenPatients(request, right, ids);
      const seen = await find(versions.flatMap(({ patient }) => patient ?? []));
      const isHis = ({ patient }: AsOfVersion): boolean => patient !== undefined && seen.has(patient);
      // The others may belong to further patients, which only their content tells.
      const owners = new Map(
        versions.filter((v) => !isHis(v)).map((v) => [v, patientsOf(request, resourceType, v.id, v.content)]),
      );
      const others = await find([...owners.values()].flat());
      return versions.filter((v) => isHis(v) || owners.get(v)?.some((id) => others.has(id)) === true);
    },
  };
}

/** Those who may be seen now; all where nothing limits the right, also who is gone since. */
export async function seenPatients(
  request: Request,
  right: Expression,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const all = new Set(ids);
  return right.kind === 'all' ? all : seenOf(request, 'Patient', right, [...all]);
}
