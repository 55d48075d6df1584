/** create, update, delete and search of state. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html#managing-app-state-cruds */
import type { Basic } from '@medplum/fhirtypes';
import {
  badRequest,
  FhirError,
  forbidden,
  issue,
  notSupported,
  preconditionFailed,
} from '../fhir/outcome.ts';
import {
  type Answer,
  checkBodyId,
  create,
  deleteResource,
  findPage,
  parseFor,
  permit,
  type Request,
  searchsetText,
  update,
} from '../interaction/index.ts';
import { and, localReference } from '../search/index.ts';
import { readCurrent, type StoredVersion } from '../storage/index.ts';
import { checkSubject } from './check-subject.ts';
import { keyOf, parseState, type State } from './state-body.ts';

/** Of a body. */
export const STATE_BYTES_MAX = 256 * 1024;
/** Of one code and subject. */
const STATES_MAX = 100;

const PREFERENCE = { preference: 'representation' } as const;

export async function createState(request: Request, body: unknown): Promise<Answer> {
  const { id, meta } = (body ?? {}) as { id?: unknown; meta?: { versionId?: unknown } | null };
  if (id !== undefined) throw badRequest('State gets its id from the server', 'Basic.id');
  if (meta?.versionId !== undefined)
    throw badRequest('State gets its version from the server', 'Basic.meta.versionId');
  const state = parseState(request.server, body);
  const own = await inState(request, state);
  permit(own, 'create', 'Basic');
  await checkRoom(own, state);
  const answer = await create(own, 'Basic', state.resource, PREFERENCE);
  return located(request, answer);
}

/** Two that come at once may both find the last place. */
async function checkRoom(request: Request, state: State): Promise<void> {
  const found = await findState(request, state, STATES_MAX, 'create');
  if (found.length < STATES_MAX) return;
  const text = `There are ${STATES_MAX} states of this code and subject; remove some`;
  throw new FhirError(422, [issue('business-rule', text, 'Basic.code')]);
}

export async function updateState(
  request: Request,
  id: string,
  body: unknown,
  ifMatch: string | undefined,
): Promise<Answer> {
  checkIfMatch(ifMatch);
  const state = parseState(request.server, body);
  checkBodyId(state.resource.id, id, 'Basic');
  const { key, own } = await lookUp(request, id, 'update');
  if (key.code !== state.code || key.subject !== state.subject)
    throw preconditionFailed('The code and the subject of state do not change', 'Basic');
  return located(request, await update(own, 'Basic', id, state.resource, { ...PREFERENCE, ifMatch }));
}

export async function deleteState(
  request: Request,
  id: string,
  ifMatch: string | undefined,
): Promise<Answer> {
  checkIfMatch(ifMatch);
  const { own } = await lookUp(request, id, 'delete');
  return deleteResource(own, 'Basic', id, ifMatch);
}

/** RFC 6585 section 3: who does not say which version he means could undo what another did. */
function checkIfMatch(ifMatch: string | undefined): void {
  if (ifMatch !== undefined && ifMatch.trim() !== '*') return;
  throw new FhirError(428, [
    issue('required', 'If-Match with the ETag of the state is needed', 'http.If-Match'),
  ]);
}

/** One code, and one subject or none. Throws 400 for other searches. */
export async function searchState(
  request: Request,
  parameters: readonly (readonly [string, string])[],
): Promise<Answer> {
  const { server } = request;
  const asked = parameters.filter(([name]) => name !== '_format' && name !== '_pretty');
  const other = asked.find(([name]) => !['code', 'subject', 'subject:missing'].includes(name));
  if (other) throw notSupported('State is searched by code and subject', other[0].slice(0, 64));
  const given = new Map(asked);
  const code = given.get('code') ?? '';
  if (asked.length !== 2 || given.size !== 2 || !/^[^|,\\]+\|[^|,\\]+$/.test(code))
    throw badRequest(
      'State is searched by code=system|code, and by subject=… or subject:missing=true',
      'code',
    );
  const subject = subjectAsked(server.config.fhirBase, given);
  const own = await inState(request, { code, subject });
  const versions = await findState(own, { code, subject }, server.config.pageSizeMax, 'search-type');
  const { stateBase } = server.config;
  const query = new URLSearchParams(asked.map(([n, v]): [string, string] => [n, v])).toString();
  const body = searchsetText(
    { ...request, server: { ...server, config: { ...server.config, fhirBase: stateBase } } },
    {
      links: [{ relation: 'self', url: `${stateBase}/Basic?${query}` }],
      total: versions.length,
      entries: versions.map(({ id, content }) => ({ resourceType: 'Basic', id, content, mode: 'match' })),
      issues: [],
    },
  );
  return { status: 200, headers: {}, body };
}

function subjectAsked(fhirBase: string, given: ReadonlyMap<string, string>): string | undefined {
  const missing = given.get('subject:missing');
  if (missing === 'true') return undefined;
  const local = localReference(given.get('subject') ?? '', fhirBase);
  if (missing === undefined && local) return `${local.type}/${local.id}`;
  throw badRequest(`The subject is a reference that begins with ${fhirBase}/, or is missing`, 'subject');
}

/** The request of who has a right to the subject, limited to its state. Throws 403. */
async function inState(
  request: Request,
  { code, subject }: Pick<State, 'code' | 'subject'>,
): Promise<Request> {
  const { stateCodes = [], globalStateCodes = [] } = request.principal;
  const trusted = subject === undefined ? [...stateCodes, ...globalStateCodes] : stateCodes;
  if (!trusted.includes(code)) throw forbidden('The app is not trusted with state of this code');
  if (subject !== undefined) await checkSubject(request, subject);
  return limited(request, subject ?? 'none');
}

const limited = (request: Request, subject: string): Request => ({
  ...request,
  principal: { ...request.principal, appState: { subject } },
});

async function findState(
  request: Request,
  { code, subject }: Pick<State, 'code' | 'subject'>,
  count: number,
  interaction: 'create' | 'search-type',
): Promise<readonly StoredVersion[]> {
  const { server } = request;
  const { registry } = server;
  const permitted = permit(request, interaction, 'Basic');
  const whose =
    subject === undefined ? (['subject:missing', 'true'] as const) : (['subject', subject] as const);
  const { filter, sort } = parseFor(request, 'Basic', [['code', code], whose], 'strict');
  if (!(await server.tables.exists('Basic'))) return [];
  const query = { registry, resourceType: 'Basic', filter: and(filter, permitted), sort, count };
  return (await findPage(request, query)).versions;
}

interface LookedUp {
  readonly key: Pick<State, 'code' | 'subject'>;
  readonly own: Request;
}

/** Throws 412 for what is not there, was deleted, or is not the caller's: these look alike. */
async function lookUp(request: Request, id: string, interaction: 'update' | 'delete'): Promise<LookedUp> {
  const { server, db } = request;
  const rights = permit(limited(request, 'any'), interaction, 'Basic');
  const version = (await server.tables.exists('Basic'))
    ? await readCurrent(db, server.registry, 'Basic', id, rights)
    : undefined;
  const unknown = () => preconditionFailed('There is no such state, or not in this version', 'http.If-Match');
  if (version === undefined || version.deleted) throw unknown();
  const key = keyOf(server, JSON.parse(version.content) as Basic);
  try {
    return { key, own: await inState(request, key) };
  } catch (error) {
    throw error instanceof FhirError && error.status === 403 ? unknown() : error;
  }
}

/** It is found at the endpoint for state, and nowhere else. */
function located({ server }: Request, answer: Answer): Answer {
  const { fhirBase, stateBase } = server.config;
  const { Location, ...headers } = answer.headers;
  if (Location === undefined) return answer;
  const place = Location.replace(`${fhirBase}/`, `${stateBase}/`).replace(/\/_history\/.*$/, '');
  return { ...answer, headers: { ...headers, Location: place } };
}
