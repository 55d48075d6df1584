/**
 * $everything: the record of a patient, or all of an encounter, page by page.
 * https://hl7.org/fhir/R4/patient-operation-everything.html and https://hl7.org/fhir/R4/encounter-operation-everything.html
 */
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest, FhirError, notSupported } from '../fhir/outcome.ts';
import {
  type Compartment,
  compartmentFilter,
  compartmentTypes,
  loadCurrent,
  type Operation,
  type OperationCall,
  PageLinks,
  permit,
  type Request,
  type Entry,
  searchsetText,
} from '../interaction/index.ts';
import { and, localReference, or, parseSearch, type Expression } from '../search/index.ts';
import { mainDate, readSets, type TypeSearch, walkTypes } from '../storage/index.ts';
import { simpleParameters } from './parameters.ts';

export const everything: Operation = {
  name: '$everything',
  at: [
    { level: 'instance', resourceType: 'Patient' },
    { level: 'instance', resourceType: 'Encounter' },
  ],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  run,
};

interface Wanted {
  readonly start?: string;
  readonly end?: string;
  readonly since?: string;
  readonly types?: readonly string[];
  readonly count: number;
  readonly understood: readonly (readonly [string, string])[];
}

async function run(request: Request, call: OperationCall) {
  const { server, db } = request;
  const parameters = simpleParameters(call);
  const name = call.resourceType === 'Encounter' ? 'Encounter' : 'Patient';
  const compartment: Compartment = { name, id: call.id ?? '' };
  const wanted = parseWanted(parameters, server.config.pageSize, server.config.pageSizeMax);
  const root = await loadCurrent(request, name, compartment.id);
  const links = new PageLinks(
    request,
    `${name}/${compartment.id}/$everything`,
    wanted.understood,
    parameters,
  );
  const from = links.position();
  const searches = await soughtTypes(request, compartment, wanted);
  const isFirst = from === undefined && (wanted.types?.includes(name) ?? true);
  const room = wanted.count - (isFirst ? 1 : 0);
  const page = await walkTypes(db, server.registry, searches, room, from?.values);
  const own: Entry[] = isFirst
    ? [{ resourceType: name, id: root.id, content: root.content, mode: 'match' }]
    : [];
  const matches = [...own, ...page.versions.map((v): Entry => ({ ...v, mode: 'match' }))];
  const entries = [...matches, ...(await referredTo(request, name, matches, wanted))];
  const body = searchsetText(server.config.fhirBase, {
    links: links.links({ next: page.next }),
    entries,
    issues: [],
  });
  return { status: 200, headers: {}, body };
}

function parseWanted(
  parameters: readonly (readonly [string, string])[],
  pageSize: number,
  pageSizeMax: number,
): Wanted {
  const understood = parameters.filter(
    ([name]) => name !== '_cursor' && name !== '_format' && name !== '_pretty',
  );
  const known = ['start', 'end', '_since', '_type', '_count'];
  const other = understood.find(([name]) => !known.includes(name));
  if (other)
    throw notSupported(`$everything has no parameter ${other[0].slice(0, 64)}`, other[0].slice(0, 64));
  const last = (name: string): string | undefined => understood.findLast(([n]) => n === name)?.[1];
  const types = understood.filter(([n]) => n === '_type').flatMap(([, value]) => value.split(','));
  const unknown = types.find((type) => !isResourceType(type));
  if (unknown !== undefined) throw badRequest('Parameter _type: not a resource type.', '_type');
  const count = last('_count') ?? String(pageSize);
  if (!/^[1-9]\d{0,8}$/.test(count))
    throw badRequest('Parameter _count: not a whole number of at least 1.', '_count');
  const [start, end, since] = [last('start'), last('end'), last('_since')];
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(since === undefined ? {} : { since }),
    ...(types.length === 0 ? {} : { types }),
    count: Math.min(Number(count), pageSizeMax),
    understood,
  };
}

/** Types of the compartment that were written and that the caller may search, each with what it must fulfil. */
async function soughtTypes(
  request: Request,
  compartment: Compartment,
  wanted: Wanted,
): Promise<TypeSearch[]> {
  const { server } = request;
  const types = compartmentTypes(server, compartment).filter(
    (type) => type !== compartment.name && (wanted.types?.includes(type) ?? true),
  );
  const written = await server.tables.existing(types);
  return written.flatMap((resourceType): TypeSearch[] => {
    const permitted = permittedFilter(request, 'search-type', resourceType);
    if (permitted === undefined) return [];
    const within = compartmentFilter(server, resourceType, compartment);
    const filter = and(within, period(request, resourceType, wanted), permitted);
    return [{ resourceType, filter, sort: [] }];
  });
}

function permittedFilter(
  request: Request,
  interaction: 'search-type' | 'read',
  resourceType: string,
): Expression | undefined {
  try {
    return permit(request, interaction, resourceType);
  } catch (error) {
    if (error instanceof FhirError && error.status === 403) return undefined;
    throw error;
  }
}

/** `start` and `end` are dates of care: what has none, such as an allergy without a date, is always part of the record. */
function period({ server }: Request, resourceType: string, { start, end, since }: Wanted): Expression {
  const { registry, config } = server;
  const parse = (pairs: [string, string][]): Expression =>
    parseSearch(resourceType, pairs, {
      registry,
      baseUrl: config.fhirBase,
      pageSize: 1,
      pageSizeMax: 1,
      handling: 'strict',
      now: new Date(),
    }).filter;
  const date = mainDate(registry, resourceType);
  const bounds: [string, string][] = [];
  if (date !== undefined && start !== undefined) bounds.push([date, `ge${start}`]);
  if (date !== undefined && end !== undefined) bounds.push([date, `le${end}`]);
  const cared = bounds.length === 0 ? parse([]) : or(parse(bounds), parse([[`${date}:missing`, 'true']]));
  return and(cared, since === undefined ? parse([]) : parse([['_lastUpdated', `ge${since}`]]));
}

/** Stored JSON has no white space, and within a string a quotation mark is escaped: this finds references only. */
const REFERENCE = /"reference":"([^"\\]+)"/g;

/** What the entries of a page refer to outside of the compartment: practitioners, organizations, places, medications. */
async function referredTo(
  request: Request,
  name: Compartment['name'],
  matches: readonly Entry[],
  { types }: Wanted,
): Promise<Entry[]> {
  const { server, db } = request;
  const inside = new Set([...compartmentTypes(server, { name, id: '' }), name]);
  const wanted = new Map<string, Set<string>>();
  for (const { content } of matches)
    for (const [, reference = ''] of content.matchAll(REFERENCE)) {
      const target = localReference(reference, server.config.fhirBase);
      if (!target) continue;
      const { type, id } = target;
      if (inside.has(type) || (types && !types.includes(type))) continue;
      const ids = wanted.get(type);
      if (ids) ids.add(id);
      else wanted.set(type, new Set([id]));
    }
  const written = await server.tables.existing([...wanted.keys()].filter(isResourceType));
  const sets = written.flatMap((resourceType) => {
    const permitted = permittedFilter(request, 'read', resourceType);
    const ids = [...(wanted.get(resourceType) ?? [])].slice(0, server.config.search.includesMax);
    return permitted === undefined ? [] : [{ resourceType, ids, filter: permitted }];
  });
  const found = await readSets(db, server.registry, sets);
  return found.map((v): Entry => ({ ...v, mode: 'include' }));
}
