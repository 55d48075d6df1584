/** What refers to the resources of one level: the searches of one field in one statement, not one for each resource. */
import type { FieldNode } from 'graphql';
import { parseStored } from '../../fhir/json/index.ts';
import { disclose, findPage, permitted, type Request } from '../../interaction/index.ts';
import { localReference, referenceText } from '../../search/index.ts';
import { countEach, firstPages, type Page, type StoredVersion } from '../../storage/index.ts';
import { type Budget, tooMuch } from './budget.ts';
import type { Identity } from './disclose.ts';
import { checkWhole, prepareSearch, type SearchCall } from './search-call.ts';

export interface FoundList extends Page {
  readonly total: number | undefined;
}

/** `Type/id` of the resource referred to → what was found; undefined where the caller has no right to the type. */
type FoundLists = ReadonlyMap<string, FoundList> | undefined;

interface Waiting {
  readonly parents: Map<string, Identity>;
  readonly found: Promise<FoundLists>;
}

/** Searches in one statement: each is a part of its text. */
const BRANCHES_MAX = 50;

const nameOf = ({ resourceType, id }: Identity): string => `${resourceType}/${id}`;

export class ListLoader {
  readonly #request: Request;
  readonly #budget: Budget;
  readonly #waiting = new Map<FieldNode, Waiting>();

  constructor(request: Request, budget: Budget) {
    this.#request = request;
    this.#budget = budget;
  }

  /** One field has the same arguments wherever it is met. Undefined where the caller may not search the type at all. */
  async load(node: FieldNode, call: SearchCall, parent: Identity): Promise<FoundList | undefined> {
    let waiting = this.#waiting.get(node);
    if (!waiting) this.#waiting.set(node, (waiting = this.#gather(node, call)));
    waiting.parents.set(nameOf(parent), parent);
    const found = await waiting.found;
    return found && (found.get(nameOf(parent)) ?? { versions: [], total: 0 });
  }

  #gather(node: FieldNode, call: SearchCall): Waiting {
    const parents = new Map<string, Identity>();
    const { promise: found, resolve } = Promise.withResolvers<FoundLists>();
    setImmediate(() => {
      this.#waiting.delete(node);
      resolve(this.#read(call, [...parents.values()]));
    });
    return { parents, found };
  }

  async #read(call: SearchCall, parents: readonly Identity[]): Promise<FoundLists> {
    const { server } = this.#request;
    if (permitted(this.#request, 'search-type', call.resourceType) === undefined) return undefined;
    if (!(await server.tables.exists(call.resourceType))) return new Map();
    const isEach = parents.length === 1 || call.isConnection || call.count !== undefined;
    const most = isEach ? BRANCHES_MAX : server.config.search.orValuesMax;
    const lists = new Map<string, FoundList>();
    for (let from = 0; from < parents.length; from += most) {
      const some = parents.slice(from, from + most);
      for (const [name, list] of await (isEach ? this.#readEach(call, some) : this.#readAll(call, some)))
        lists.set(name, list);
    }
    return lists;
  }

  /** A page for each. */
  async #readEach(call: SearchCall, parents: readonly Identity[]): Promise<[string, FoundList][]> {
    const { server, db } = this.#request;
    const { listMax } = server.config.graphql;
    const searches = await Promise.all(parents.map((parent) => this.#search(call, [parent])));
    const [first] = searches;
    const filters = searches.map(({ filter }) => filter);
    const { pageBytesMax: bytesMax } = server.config;
    const query = { ...first!, count: call.count ?? listMax, bytesMax };
    const pages =
      parents.length === 1 ? [await findPage(this.#request, query)] : await firstPages(db, query, filters);
    const totals = call.wantsTotal ? await countEach(db, server.registry, call.resourceType, filters) : [];
    return parents.map((parent, i): [string, FoundList] => {
      const page = pages[i]!;
      checkWhole(page.versions.length, page.next !== undefined, call, listMax);
      return [nameOf(parent), { ...page, total: totals[i] }];
    });
  }

  /** All of all, told apart by whom they refer to. */
  async #readAll(call: SearchCall, parents: readonly Identity[]): Promise<[string, FoundList][]> {
    const { server } = this.#request;
    const { listMax } = server.config.graphql;
    const count = Math.min(this.#budget.resourcesLeft, listMax * parents.length);
    const query = { ...(await this.#search(call, parents)), count, bytesMax: server.config.pageBytesMax };
    const { versions, next } = await findPage(this.#request, query);
    if (next) throw tooMuch(`More than ${versions.length} resources refer to those of a list; ask for less`);
    const lists = new Map<string, StoredVersion[]>(parents.map((parent) => [nameOf(parent), []]));
    const selectors = server.registry.references(call.resourceType, call.reference ?? '');
    for (const version of versions) {
      const resource = parseStored<object>(disclose(this.#request, call.resourceType, version.content));
      const targets = selectors.flatMap(({ select, target }) =>
        select([resource]).flatMap((value) => {
          const local = localReference(referenceText(value) ?? '', server.config.fhirBase);
          return local && (target === undefined || target === local.type)
            ? [`${local.type}/${local.id}`]
            : [];
        }),
      );
      for (const name of new Set(targets)) lists.get(name)?.push(version);
    }
    return [...lists].map(([name, found]) => {
      checkWhole(found.length, found.length > listMax, call, listMax);
      return [name, { versions: found, total: undefined }];
    });
  }

  /** Those of the call's parameters, and the reference as one more: what may be searched by is decided in one place. */
  #search(call: SearchCall, parents: readonly Identity[]): ReturnType<typeof prepareSearch> {
    const rights = permitted(this.#request, 'search-type', call.resourceType) ?? { kind: 'none' };
    const parameters = [...call.parameters, referenceTo(call, parents)];
    return prepareSearch(this.#request, { ...call, parameters }, rights);
  }
}

export const referenceTo = (
  { reference = '' }: SearchCall,
  parents: readonly Identity[],
): readonly [string, string] => [reference, parents.map(nameOf).join(',')];
