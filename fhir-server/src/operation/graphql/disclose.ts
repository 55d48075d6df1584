/** The one place where what is stored becomes part of an answer to a GraphQL query. */
import type { Resource } from '@medplum/fhirtypes';
import { parseStored } from '../../fhir/json/index.ts';
import { disclose, type Request } from '../../interaction/index.ts';
import type { StoredVersion } from '../../storage/index.ts';
import type { Budget } from './budget.ts';
import { isObject } from './context.ts';

export interface Identity {
  readonly resourceType: string;
  readonly id: string;
}

export class Disclosure {
  readonly #request: Request;
  readonly #budget: Budget;
  /** Resources that have an address of their own here; contained ones, and entries of Bundles, have none. */
  readonly #identities = new WeakMap<object, Identity>();
  /** References within a resource to what it contains → that resource. */
  readonly #containers = new WeakMap<object, Resource>();

  constructor(request: Request, budget: Budget) {
    this.#request = request;
    this.#budget = budget;
  }

  /** A version that the access decision has let through. The audit hears of it. Throws 400 beyond the limits. */
  show(resourceType: string, { id, content }: Pick<StoredVersion, 'id' | 'content'>): Resource {
    this.#budget.read(content.length);
    this.#request.trail?.disclosed.push(`${resourceType}/${id}`);
    const resource = parseStored<Resource>(disclose(this.#request, resourceType, content));
    this.#identities.set(resource, { resourceType, id });
    if ('contained' in resource) this.#findLocalReferences(resource, resource);
    return resource;
  }

  /** Undefined for what is no resource with an address. */
  identity(value: unknown): Identity | undefined {
    return isObject(value) ? this.#identities.get(value) : undefined;
  }

  /** What `#id` leads to from there. */
  contained(reference: object, id: string): Resource | undefined {
    const container = this.#containers.get(reference);
    if (container === undefined) return undefined;
    const { contained = [] } = container as { contained?: readonly Resource[] };
    return id === '' ? container : contained.find((resource) => resource.id === id);
  }

  #findLocalReferences(value: unknown, container: Resource): void {
    if (Array.isArray(value)) for (const item of value) this.#findLocalReferences(item, container);
    if (!isObject(value)) return;
    const { reference } = value;
    if (typeof reference === 'string' && reference.startsWith('#')) this.#containers.set(value, container);
    for (const child of Object.values(value)) this.#findLocalReferences(child, container);
  }
}
