/** Which resources belong to the patients of an export. */
import type { Resource } from '@medplum/fhirtypes';
import type { Request } from '../interaction/index.ts';
import {
  and,
  compartmentIds,
  compartmentKey,
  type Expression,
  extractIndex,
  type IndexRow,
  matches,
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

/** Of superseded versions, which no filter of the database has decided on. */
export const passes = (
  request: Request,
  { id, lastUpdated, content }: AsOfVersion,
  filter: Expression,
): boolean => filter.kind === 'all' || matches(filter, { id, lastUpdated, index: indexOf(request, content) });

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
    const seen = right === undefined ? new Set<string>() : right.kind === 'all' ? new Set(all) : await seenOf(request, 'Patient', right, all); // prettier-ignore
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
      const owned = versions.map((version) => {
        const { patient, id, content } = version;
        // Who is named there is one of its patients, and often the only one.
        const owners =
          patient !== undefined && right.kind === 'all'
            ? [patient]
            : patientsOf(request, resourceType, id, content);
        return { version, owners };
      });
      const ids = [...new Set(owned.flatMap(({ owners }) => owners))];
      const seen = right.kind === 'all' ? new Set(ids) : await seenOf(request, 'Patient', right, ids);
      return owned.filter(({ owners }) => owners.some((id) => seen.has(id))).map(({ version }) => version);
    },
  };
}
