/** $lastn: the latest Observations of each code. https://hl7.org/fhir/R4/observation-operation-lastn.html */
import type { CodeableConcept, Observation } from '@medplum/fhirtypes';
import { badRequest, tooCostly } from '../fhir/outcome.ts';
import {
  type Entry,
  type Operation,
  type OperationCall,
  PageLinks,
  parseFor,
  permit,
  type Request,
  resolveSearch,
  searchAnswer,
} from '../interaction/index.ts';
import { and } from '../search/index.ts';
import { searchPage } from '../storage/index.ts';
import { simpleParameters } from './parameters.ts';

/** Observations that are looked at in one call, from the newest on. */
const SCANNED_MAX = 10_000;

export const lastn: Operation = {
  name: '$lastn',
  at: [{ level: 'type', resourceType: 'Observation' }],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  run,
};

async function run(request: Request, call: OperationCall) {
  const { server, db } = request;
  const parameters = simpleParameters(call);
  const max = parameters.findLast(([name]) => name === 'max')?.[1] ?? '1';
  if (!/^[1-9]\d{0,3}$/.test(max))
    throw badRequest('Parameter max: not a whole number from 1 to 9999.', 'max');
  const permitted = permit(request, 'search-type', 'Observation');
  const others = parameters.filter(([name]) => name !== 'max');
  if (!others.some(([name]) => /^(patient|subject)\b/.test(name)))
    throw badRequest('$lastn needs the patient or the subject of the Observations.', 'patient');
  const search = parseFor(server, 'Observation', others, call.handling);
  const filter = and(await resolveSearch(request, 'Observation', search.filter), permitted);
  const newestFirst = [{ param: 'date', type: 'range', descending: true } as const];
  const found = (await server.tables.exists('Observation'))
    ? await searchPage(db.openEnded ?? db, {
        registry: server.registry,
        resourceType: 'Observation',
        filter,
        sort: newestFirst,
        count: SCANNED_MAX,
      })
    : { versions: [] };
  if (found.next)
    throw tooCostly(`More than ${SCANNED_MAX} Observations match; narrow them by category, code or date`);
  const groups = new LatestOfEach(Number(max));
  const matches = found.versions.flatMap(({ id, content }): Entry[] => {
    const { code } = JSON.parse(content) as Observation;
    return groups.admits(code) ? [{ resourceType: 'Observation', id, content, mode: 'match' }] : [];
  });
  const understood = [...search.understood, ['max', max] as const];
  const links = new PageLinks(request, 'Observation/$lastn', understood, parameters);
  return searchAnswer(request, search, links, { matches, total: matches.length });
}

/** Codes belong together when they share a coding, or their text where they have none. */
class LatestOfEach {
  readonly #max: number;
  readonly #groups = new Map<string, { count: number }>();

  constructor(max: number) {
    this.#max = max;
  }

  admits(code: CodeableConcept | undefined): boolean {
    const codings = (code?.coding ?? []).map((c) => `${c.system ?? ''}|${c.code ?? ''}`);
    const names = codings.length > 0 ? codings : [`text ${code?.text ?? ''}`];
    const known = names.map((name) => this.#groups.get(name)).find((group) => group !== undefined);
    const group = known ?? { count: 0 };
    for (const name of names) if (!this.#groups.has(name)) this.#groups.set(name, group);
    group.count += 1;
    return group.count <= this.#max;
  }
}
