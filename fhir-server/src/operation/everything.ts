/**
 * $everything: the record of a patient, or all of an encounter, page by page.
 * https://hl7.org/fhir/R4/patient-operation-everything.html and https://hl7.org/fhir/R4/encounter-operation-everything.html
 */
import { isResourceType } from '../fhir/definitions/index.ts';
import { badRequest, notSupported } from '../fhir/outcome.ts';
import {
  type Compartment,
  compartmentFilter,
  compartmentTypes,
  loadCurrent,
  type Operation,
  type OperationCall,
  PageLinks,
  permitted,
  readStale,
  type Request,
  searchsetText,
  seenBy,
  withRelationTo,
} from '../interaction/index.ts';
import { and, type Expression, parseConditions } from '../search/index.ts';
import type { TypeSearch } from '../storage/index.ts';
import { checkDates, inCarePeriod } from './care-period.ts';
import { simpleParameters } from './parameters.ts';
import { type Record, recordPage } from './record-page.ts';

export const everything: Operation = {
  name: '$everything',
  at: [
    { level: 'instance', resourceType: 'Patient' },
    {
      level: 'instance',
      resourceType: 'Encounter',
      definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
    },
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
  const { server } = request;
  const parameters = simpleParameters(call);
  const name = call.resourceType === 'Encounter' ? 'Encounter' : 'Patient';
  const compartment: Compartment = { name, id: call.id ?? '' };
  const wanted = parseWanted(parameters, server.config.pageSize, server.config.pageSizeMax);
  const inside = compartmentTypes(server, compartment);
  const path = `${name}/${compartment.id}/$everything`;
  const links = new PageLinks(request, path, wanted.understood, parameters);
  const from = links.position();
  return readStale(request, { seen: links.seen, isOfOneMoment: false }, async (inner) => {
    const [root, written] = await Promise.all([
      loadCurrent(inner, name, compartment.id),
      server.tables.existing(inside),
    ]);
    const { id, content } = root;
    const record = { ...soughtRecord(inner, compartment, wanted, inside, written), root: { resourceType: name, id, content } }; // prettier-ignore
    const { entries, next } = await recordPage(inner, record, from?.values);
    const seen = next && (await seenBy(inner));
    const body = searchsetText(inner, { links: links.links({ next }, seen), entries, issues: [] });
    return { status: 200, headers: {}, body };
  });
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
  checkDates({ start, end, _since: since });
  return {
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(since === undefined ? {} : { since }),
    ...(types.length === 0 ? {} : { types }),
    count: Math.min(Number(count), pageSizeMax),
    understood,
  };
}

/**
 * Types of the compartment that were written and that the caller may search, each with what it must fulfil. `_type` is of the
 * answer: what is referred to may come from a resource of any type.
 */
function soughtRecord(
  request: Request,
  compartment: Compartment,
  { types, ...wanted }: Wanted,
  inside: readonly string[],
  written: readonly string[],
): Omit<Record, 'root'> {
  const { name, id } = compartment;
  const { server } = request;
  // By this one he was loaded.
  const toPatient = name === 'Patient' ? permitted(request, 'read', name) : undefined;
  const isWanted = (type: string): boolean => types?.includes(type) ?? true;
  const isReferredWanted = (type: string): boolean => !inside.includes(type) && isWanted(type);
  const isLookedAt = types?.some(isReferredWanted) === true;
  const searches = written.flatMap((resourceType): TypeSearch[] => {
    const rights =
      resourceType !== name && (isLookedAt || isWanted(resourceType))
        ? permitted(request, 'search-type', resourceType)
        : undefined;
    if (rights === undefined) return [];
    const within = compartmentFilter(server, resourceType, compartment);
    const right =
      toPatient === undefined ? rights : withRelationTo(server, resourceType, rights, toPatient, id);
    return [
      { resourceType, filter: and(within, ...conditions(request, resourceType, wanted), right), sort: [] },
    ];
  });
  return {
    isRootWanted: isWanted(name),
    wanted: searches.filter((s) => isWanted(s.resourceType)),
    lookedAt: searches.filter((s) => !isWanted(s.resourceType)),
    isReferredWanted,
    count: wanted.count,
  };
}

function conditions(
  request: Request,
  resourceType: string,
  { start, end, since }: Pick<Wanted, 'start' | 'end' | 'since'>,
): Expression[] {
  const isBound = start !== undefined || end !== undefined;
  const period = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
  return [
    ...(isBound ? [inCarePeriod(request, resourceType, period)] : []),
    ...(since === undefined ? [] : [updatedSince(request, resourceType, since)]),
  ];
}

const updatedSince = (
  { server: { registry, config } }: Request,
  resourceType: string,
  since: string,
): Expression =>
  parseConditions(resourceType, [['_lastUpdated', `ge${since}`]], { registry, baseUrl: config.fhirBase });
