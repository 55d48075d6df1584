/** $closure: a closure table that grows with the concepts that a client meets. https://hl7.org/fhir/R4/conceptmap-operation-closure.html */
import type { Coding } from '@medplum/fhirtypes';
import { type Pool, type PoolClient, withTransaction } from '../db/index.ts';
import { badRequest, FhirError, issue, notFound } from '../fhir/outcome.ts';
import type { Operation, OperationCall, Request } from '../interaction/index.ts';
import {
  checkCodes,
  closureMap,
  type ClosureKey,
  type ClosureRelation,
  countClosures,
  extendClosure,
  loadConcepts,
  loadRelations,
  lockClosure,
  type Reader,
  relationsOf,
  resetClosure,
} from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import { answering, json, readerOf } from './terminology-request.ts';

const INPUT: InputTable = { name: 'text', concept: 'Coding*', version: 'text' };

const NAME_LENGTH_MAX = 200;
/** New concepts in one call: each is compared with all that are there. */
const ADDED_MAX = 1_000;

export const closure: Operation = {
  name: '$closure',
  at: [{ level: 'system' }],
  affectsState: true,
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-closure',
  run: (request, call) => answering(() => run(request, call)),
};

/** With a name alone the table begins anew; with concepts it grows; with a version it tells what came after that. */
async function run(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, INPUT);
  const name = input.text('name') ?? '';
  if (name === '' || name.length > NAME_LENGTH_MAX || name.includes('\0'))
    throw badRequest(`Parameter name: 1 to ${NAME_LENGTH_MAX} characters`, 'name');
  const key = { owner: ownerOf(request), name };
  const reader = readerOf(request, call, `the closure ${name}`);
  const concepts = input.codings('concept');
  const { pool } = request.server;
  if (input.has('version')) {
    if (concepts.length > 0)
      throw badRequest('Either concepts are added, or what came after a version is asked for', 'version');
    return json(await since(pool, key, input.whole('version') ?? 0));
  }
  if (concepts.length === 0) return json(await begin(request, key));
  return json(await withTransaction(pool, (client) => grow(request, client, key, concepts, reader)));
}

/** Clients do not see each other's tables, nor do users of one client. */
const ownerOf = ({ principal: { clientId, userId } }: Request): string =>
  JSON.stringify(userId === undefined ? [clientId] : [clientId, userId]);

async function begin({ server }: Request, key: ClosureKey) {
  const { closuresMax } = server.config.terminology;
  await withTransaction(server.pool, async (client) => {
    if ((await countClosures(client, key)) >= closuresMax)
      throw tooCostly(`There may be ${closuresMax} closure tables; use one of them again by its name`);
    await resetClosure(client, key);
  });
  return closureMap(key.name, 0, []);
}

async function since(pool: Pool, key: ClosureKey, version: number) {
  return withTransaction(pool, async (client) => {
    const current = await lockClosure(client, key);
    if (current === undefined) throw unknownClosure(key.name);
    if (version > current)
      throw badRequest(`The closure ${key.name} is at version ${current} only`, 'version');
    return closureMap(key.name, current, await loadRelations(client, key, version));
  });
}

async function grow(
  { server }: Request,
  client: PoolClient,
  key: ClosureKey,
  concepts: readonly Coding[],
  reader: Reader,
) {
  const current = await lockClosure(client, key);
  if (current === undefined) throw unknownClosure(key.name);
  const known = await loadConcepts(client, key);
  const { closureConceptsMax } = server.config.terminology;
  const fresh = newBySystem(concepts, known);
  const added = [...fresh.values()].reduce((sum, codes) => sum + codes.length, 0);
  const before = [...known.values()].reduce((sum, codes) => sum + codes.length, 0);
  if (added > ADDED_MAX) throw tooCostly(`At most ${ADDED_MAX} concepts can be added in one call`);
  if (before + added > closureConceptsMax)
    throw tooCostly(`A closure table has at most ${closureConceptsMax} concepts`);
  const relations: ClosureRelation[] = [];
  for (const [system, codes] of fresh) {
    const content = await reader.knownCodeSystem(system);
    reader.count(codes.length * content.size);
    await checkCodes(content, codes);
    for (const relation of await relationsOf(content, known.get(system) ?? [], codes))
      relations.push(relation);
  }
  if (added === 0) return closureMap(key.name, current, []);
  const version = current + 1;
  const all = [...fresh].flatMap(([system, codes]) => codes.map((code) => ({ system, code })));
  await extendClosure(client, key, { version, concepts: all, relations });
  return closureMap(key.name, version, relations);
}

function newBySystem(
  concepts: readonly Coding[],
  known: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const fresh = new Map<string, Set<string>>();
  for (const { system, code } of concepts) {
    if (system === undefined || code === undefined)
      throw badRequest('A concept has a system and a code', 'concept');
    if (known.get(system)?.includes(code) !== true)
      fresh.set(system, (fresh.get(system) ?? new Set()).add(code));
  }
  return new Map([...fresh].map(([system, codes]) => [system, [...codes]]));
}

const unknownClosure = (name: string) =>
  notFound(`There is no closure table ${name.slice(0, 64)}; begin it by a call with its name alone`, 'name');

const tooCostly = (text: string) => new FhirError(422, [issue('too-costly', text)]);
