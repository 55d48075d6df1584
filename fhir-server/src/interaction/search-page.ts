/** What all searches share: parameters to request, page to Bundle. https://hl7.org/fhir/R4/http.html#search */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import { parseSearch, type SearchRequest } from '../search/index.ts';
import type { PagePosition, SortValue } from '../storage/index.ts';
import type { Answer } from './answer.ts';
import { hiddenTest } from './disclose.ts';
import { findIncludes } from './include.ts';
import { CURSOR_PARAMETER, decodeCursor, encodeCursor } from './page-cursor.ts';
import { type Entry, type Link, searchsetText } from './searchset.ts';
import type { Request } from './server.ts';
import { shaper } from './shape-resource.ts';
import { seenBy } from './stale-read.ts';

export type Parameters = readonly (readonly [string, string])[];
export type Handling = 'strict' | 'lenient';

export const withoutCursor = (parameters: Parameters): Parameters =>
  parameters.some(([name]) => name === CURSOR_PARAMETER)
    ? parameters.filter(([name]) => name !== CURSOR_PARAMETER)
    : parameters;

export function parseFor(
  { server, principal }: Pick<Request, 'server' | 'principal'>,
  resourceType: string,
  parameters: Parameters,
  handling: Handling,
): SearchRequest {
  const { registry, config } = server;
  return parseSearch(resourceType, withoutCursor(parameters), {
    registry,
    baseUrl: config.fhirBase,
    pageSize: config.pageSize,
    pageSizeMax: config.pageSizeMax,
    handling,
    now: new Date(),
    limits: config.search,
    ...hiddenTest(principal),
  });
}

/** A search as a place in the API: what page links point to and are bound to. */
export class PageLinks {
  readonly #request: Request;
  readonly #path: string;
  readonly #query: string;
  readonly #cursor: string | undefined;
  #seen: string | undefined;

  /** `path` is relative to the base; `understood` are the parameters that the search obeys. */
  constructor(
    request: Request,
    path: string,
    understood: SearchRequest['understood'],
    parameters: Parameters,
  ) {
    this.#request = request;
    this.#path = path;
    this.#query =
      understood.length === 0
        ? ''
        : new URLSearchParams(understood.map(([n, v]): [string, string] => [n, v])).toString();
    this.#cursor = parameters.find(([name]) => name === CURSOR_PARAMETER)?.[1];
  }

  /** Where the page starts. Throws 400 or 410 for a link that is not good. */
  position(): PagePosition | undefined {
    if (this.#cursor === undefined) return undefined;
    const { server, principal } = this.#request;
    const [way, ...values] = decodeCursor(server.config, this.#cursor, this.#scope(), principal);
    const [direction, seen] = String(way).split(' ');
    this.#seen = seen;
    if (direction !== 'next' && direction !== 'previous')
      throw badRequest('This page link is not valid for this search', CURSOR_PARAMETER);
    return { direction, values };
  }

  /** What the page before has seen, once `position` was asked for: what this page comes from must not be older. */
  get seen(): string | undefined {
    return this.#seen;
  }

  /** `seen`: where in the log this page comes from. */
  links(
    page: {
      readonly next?: readonly SortValue[] | undefined;
      readonly previous?: readonly SortValue[] | undefined;
    },
    seen?: string,
  ): Link[] {
    const links: Link[] = [{ relation: 'self', url: this.#url(this.#cursor) }];
    if (page.previous) {
      links.push({ relation: 'first', url: this.#url(undefined) });
      links.push({ relation: 'previous', url: this.#url(this.#encode('previous', page.previous, seen)) });
    }
    if (page.next) links.push({ relation: 'next', url: this.#url(this.#encode('next', page.next, seen)) });
    return links;
  }

  #encode(direction: PagePosition['direction'], values: readonly SortValue[], seen?: string): string {
    const { server, principal } = this.#request;
    const way = seen === undefined ? direction : `${direction} ${seen}`;
    return encodeCursor(server.config, [way, ...values], this.#scope(), principal);
  }

  #scope(): string {
    return `${this.#path}?${this.#query}`;
  }

  #url(cursor: string | undefined): string {
    const { fhirBase } = this.#request.server.config;
    const query =
      cursor === undefined ? this.#query : `${this.#query && `${this.#query}&`}${CURSOR_PARAMETER}=${cursor}`;
    const path = this.#path === '' ? fhirBase : `${fhirBase}/${this.#path}`;
    return query === '' ? path : `${path}?${query}`;
  }
}

export interface FoundPage {
  readonly matches: readonly Entry[];
  readonly next?: readonly SortValue[] | undefined;
  readonly previous?: readonly SortValue[] | undefined;
  readonly total?: number | undefined;
}

/** The page with its includes, shaped as the search asks. */
export async function searchAnswer(
  request: Request,
  search: SearchRequest,
  links: PageLinks,
  page: FoundPage,
): Promise<Answer> {
  const included = await findIncludes(request, page.matches, search);
  const issues: OperationOutcomeIssue[] = [...search.warnings, ...included.issues];
  const shape = shaper(search);
  // R4: elements are listed of the matches; what they bring along comes whole.
  const isShaped = ({ mode }: Entry): boolean => mode === 'match' || search.elements === undefined;
  const entries = [...page.matches, ...included.entries].map((e) =>
    shape && isShaped(e) ? { ...e, content: shape(e.content) } : e,
  );
  const seen = page.next || page.previous ? await seenBy(request) : undefined;
  const body = searchsetText(request, {
    links: links.links(page, seen),
    total: page.total,
    entries,
    issues,
  });
  return { status: 200, headers: {}, body };
}
