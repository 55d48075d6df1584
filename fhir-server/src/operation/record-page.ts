/** One page of a record: what is in the compartment, resource by resource, and what these refer to outside of it. */
import { isResourceType } from '../fhir/definitions/index.ts';
import { disclose, type Entry, permitted, type Request } from '../interaction/index.ts';
import { localReference } from '../search/index.ts';
import { type IdSet, readSets, type SortValue, type TypeSearch, walkTypes } from '../storage/index.ts';

export interface Record {
  /** The Patient or Encounter itself. */
  readonly root: Omit<Entry, 'mode'>;
  readonly isRootWanted: boolean;
  /** Types of the answer, in their order. */
  readonly wanted: readonly TypeSearch[];
  /** Types that are only looked at for what they refer to. */
  readonly lookedAt: readonly TypeSearch[];
  /** Whether what is outside of the compartment and of this type belongs to the answer. */
  readonly isReferredWanted: (resourceType: string) => boolean;
  /** Matches on a page. */
  readonly count: number;
}

/** Where the next page starts: behind a type and id and, where that one's references did not fit, behind a reference. */
type Position = readonly SortValue[];

interface RecordPage {
  readonly entries: readonly Entry[];
  readonly next?: Position | undefined;
}

type Reference = readonly [type: string, id: string];

interface Source {
  readonly position: Reference;
  /** Absent where it was given before, or is only looked at. */
  readonly match?: Entry;
  readonly references: readonly Reference[];
}

/** Parts without an entry that one request goes through, each of as many resources as the largest page has. */
const PARTS_MAX = 10;

/** Each match comes once over all pages; what is referred to comes on every page that refers to it. */
export async function recordPage(
  request: Request,
  record: Record,
  from: Position | undefined,
): Promise<RecordPage> {
  let at = from;
  for (let part = 1; ; part += 1) {
    const page = await readPart(request, record, at);
    if (page.entries.length > 0 || page.next === undefined || part === PARTS_MAX) return page;
    at = page.next;
  }
}

async function readPart(request: Request, record: Record, at: Position | undefined): Promise<RecordPage> {
  const { server, db } = request;
  const { root, isRootWanted, wanted, lookedAt } = record;
  const isLook = wanted.length === 0 || lookedAt.some((s) => s.resourceType === at?.[0]);
  const takesRoot = at === undefined;
  const room = isLook ? server.config.pageSizeMax : record.count - (takesRoot && isRootWanted ? 1 : 0);
  const walk = await walkTypes(db, server.registry, isLook ? lookedAt : wanted, room, at?.slice(0, 2));
  const find = referenceFinder(request, record);
  const sources: Source[] = await carriedOver(request, record, at, find);
  if (takesRoot) sources.push(sourceOf(root, ['', ''], isRootWanted, find));
  for (const v of walk.versions) sources.push(sourceOf(v, [v.resourceType, v.id], !isLook, find));
  const { taken, references, rest } = fit(sources, server.config.search.includesMax);
  const matches = sources.slice(0, taken).flatMap(({ match }) => match ?? []);
  const entries = [...matches, ...(await referredTo(request, references))];
  if (taken < sources.length || rest)
    return { entries, next: [...sources[taken - 1]!.position, ...(rest ?? [])] };
  const [toLookAt] = isLook ? [] : lookedAt;
  return { entries, next: walk.next ?? (toLookAt && [toLookAt.resourceType, '']) };
}

type FindReferences = (resourceType: string, content: string) => readonly Reference[];

function sourceOf(
  { resourceType, id, content }: Omit<Entry, 'mode'>,
  position: Reference,
  isMatch: boolean,
  find: FindReferences,
): Source {
  const match: Entry = { resourceType, id, content, mode: 'match' };
  return { position, references: find(resourceType, content), ...(isMatch && { match }) };
}

/** The resource of the page before whose references did not all fit, with those that are left; none if it is gone since. */
async function carriedOver(
  request: Request,
  { root, wanted, lookedAt }: Record,
  at: Position | undefined,
  find: FindReferences,
): Promise<Source[]> {
  const [type, id, ...reached] = (at ?? []).map(String);
  if (type === undefined || id === undefined || reached.length === 0) return [];
  const search = [...wanted, ...lookedAt].find((s) => s.resourceType === type);
  const set = search && { resourceType: type, ids: [id], filter: search.filter };
  const [found] =
    type === '' ? [root] : await readSets(request.db, request.server.registry, set ? [set] : []);
  if (!found) return [];
  const left = find(type === '' ? root.resourceType : type, found.content).filter(
    (reference) => inOrder(reference, reached) > 0,
  );
  return [{ position: [type, id], references: left }];
}

const inOrder = (a: readonly string[], b: readonly string[]): number => {
  const [one, other] = [a.join('/'), b.join('/')];
  return one < other ? -1 : one > other ? 1 : 0;
};

interface Fitting {
  readonly taken: number;
  readonly references: readonly Reference[];
  /** Of the only source taken, the last reference that found room. */
  readonly rest?: Reference;
}

/** As many sources as have room together with what they refer to; of a source that alone has too much, a part. */
function fit(sources: readonly Source[], max: number): Fitting {
  const known = new Map<string, Reference>();
  for (const [i, { references }] of sources.entries()) {
    const fresh = references.filter((reference) => !known.has(reference.join('/')));
    if (known.size + fresh.length > max) {
      if (i > 0) return { taken: i, references: [...known.values()] };
      const some = fresh.sort(inOrder).slice(0, max);
      return { taken: 1, references: some, rest: some.at(-1)! };
    }
    for (const reference of fresh) known.set(reference.join('/'), reference);
  }
  return { taken: sources.length, references: [...known.values()] };
}

/** Stored JSON has no white space, and within a string a quotation mark is escaped: this finds references only. */
const REFERENCE = /"reference":"([^"\\]+)"/g;

/** What a content refers to and the answer wants, each once. */
function referenceFinder(request: Request, { isReferredWanted }: Record): FindReferences {
  const { search, fhirBase } = request.server.config;
  if (search.includesMax === 0) return () => [];
  const known = new Map<string, Reference | undefined>();
  const parse = (text: string): Reference | undefined => {
    const target = localReference(text, fhirBase);
    return target && isResourceType(target.type) && isReferredWanted(target.type)
      ? [target.type, target.id]
      : undefined;
  };
  return (resourceType, stored) => {
    const content = disclose(request, resourceType, stored);
    const found = new Map<string, Reference>();
    for (const [, text = ''] of content.matchAll(REFERENCE)) {
      if (!known.has(text)) known.set(text, parse(text));
      const reference = known.get(text);
      if (reference) found.set(reference.join('/'), reference);
    }
    return [...found.values()];
  };
}

async function referredTo(request: Request, references: readonly Reference[]): Promise<Entry[]> {
  const { server, db } = request;
  const ids = Map.groupBy(references, ([type]) => type);
  const written = await server.tables.existing([...ids.keys()]);
  const sets = written.flatMap((resourceType): IdSet[] => {
    const filter = permitted(request, 'read', resourceType);
    const wanted = (ids.get(resourceType) ?? []).map(([, id]) => id);
    return filter === undefined ? [] : [{ resourceType, ids: wanted, filter }];
  });
  const found = await readSets(db, server.registry, sets);
  return found.map((v): Entry => ({ ...v, mode: 'include' }));
}
