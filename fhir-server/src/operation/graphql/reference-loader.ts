/** What references lead to: all that are asked for at the same moment, in one statement. */
import type { Resource } from '@medplum/fhirtypes';
import { FhirError } from '../../fhir/outcome.ts';
import { loadCurrent, permitted, type Request } from '../../interaction/index.ts';
import { type IdSet, readSets, type TypedMatch } from '../../storage/index.ts';
import type { Disclosure } from './disclose.ts';

const HIDDEN: ReadonlySet<number> = new Set([403, 404, 410]);

type Found = ReadonlyMap<string, TypedMatch>;

export class ReferenceLoader {
  readonly #request: Request;
  readonly #disclosure: Disclosure;
  readonly #known = new Map<string, Promise<Resource | undefined>>();
  #waiting: { readonly ids: Map<string, Set<string>>; readonly found: Promise<Found> } | undefined;

  constructor(request: Request, disclosure: Disclosure) {
    this.#request = request;
    this.#disclosure = disclosure;
  }

  /** Undefined for what is not there, was deleted, or is outside the caller's view: these look alike. */
  load(resourceType: string, id: string): Promise<Resource | undefined> {
    const name = `${resourceType}/${id}`;
    let resource = this.#known.get(name);
    if (!resource) this.#known.set(name, (resource = this.#load(resourceType, id)));
    return resource;
  }

  async #load(resourceType: string, id: string): Promise<Resource | undefined> {
    if (resourceType === 'Binary') return this.#loadBinary(id);
    this.#waiting ??= this.#gather();
    const { ids, found } = this.#waiting;
    const ofType = ids.get(resourceType);
    if (ofType) ofType.add(id);
    else ids.set(resourceType, new Set([id]));
    const version = (await found).get(`${resourceType}/${id}`);
    return version && this.#disclosure.show(resourceType, version);
  }

  /** Who may read it depends on what it belongs to, which only a read looks at. */
  async #loadBinary(id: string): Promise<Resource | undefined> {
    try {
      return this.#disclosure.show('Binary', await loadCurrent(this.#request, 'Binary', id));
    } catch (error) {
      if (error instanceof FhirError && HIDDEN.has(error.status)) return undefined;
      throw error;
    }
  }

  #gather(): { ids: Map<string, Set<string>>; found: Promise<Found> } {
    const ids = new Map<string, Set<string>>();
    const { promise: found, resolve } = Promise.withResolvers<Found>();
    // The resolvers of one level run in one turn of the event loop.
    setImmediate(() => {
      this.#waiting = undefined;
      resolve(this.#read(ids));
    });
    return { ids, found };
  }

  async #read(ids: ReadonlyMap<string, ReadonlySet<string>>): Promise<Found> {
    const { server, db } = this.#request;
    const types = await server.tables.existing([...ids.keys()]);
    const sets = types.flatMap((resourceType): IdSet[] => {
      const filter = permitted(this.#request, 'read', resourceType);
      return filter === undefined ? [] : [{ resourceType, ids: [...ids.get(resourceType)!], filter }];
    });
    const versions = await readSets(db, server.registry, sets);
    return new Map(versions.map((v) => [`${v.resourceType}/${v.id}`, v]));
  }
}
