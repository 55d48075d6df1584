/** What a caller with restricted rights must not learn through terminology. Docs: security.md */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  ANIMALS,
  animals,
  parameters,
  PETS,
  storeTerminology,
  terminologyCaller,
  THO,
} from '../support/terminology-caller.ts';

let server: TestServer;
/** By its scope. */
const caller = async (scope: string) => terminologyCaller(server, { token: await server.token(scope) });

beforeAll(async () => {
  server = await startTestServer();
  await storeTerminology(server);
}, 30_000);
afterAll(() => server.close());

const everyOperation = [
  `CodeSystem/$lookup?system=${ANIMALS}&code=dog`,
  `CodeSystem/$validate-code?url=${ANIMALS}&code=dog`,
  'CodeSystem/animals/$validate-code?code=dog',
  `CodeSystem/$subsumes?system=${ANIMALS}&codeA=dog&codeB=cat`,
  'CodeSystem/animals/$subsumes?codeA=dog&codeB=cat',
  `ValueSet/$expand?url=${PETS}`,
  'ValueSet/pets/$expand',
  `ValueSet/$validate-code?url=${PETS}&code=dog`,
  'ValueSet/pets/$validate-code?code=dog',
  `ConceptMap/$translate?system=${ANIMALS}&code=dog`,
  'ConceptMap/map/$translate?code=dog',
];

test.each(everyOperation)('Who may read none of these gets 403 from %s.', async (path) => {
  const { refusal } = await caller('system/Observation.rs');
  expect((await refusal(path)).slice(0, 2)).toEqual([403, 'forbidden']);
});

test.each(everyOperation)('Nobody gets anything from %s without a token.', async (path) => {
  const { status } = await terminologyCaller(server, { token: null }).call(path);
  expect(status).toBe(401);
});

test('Who may read value sets only learns nothing of the code systems that are stored.', async () => {
  const { expansion, refusal, ask } = await caller('system/ValueSet.rs');
  expect((await refusal('ValueSet/all/$expand')).slice(0, 2)).toEqual([404, 'not-found']);
  // What the value set says itself is his to read, and so is the standard.
  const { contains } = await expansion('ValueSet/pets/$expand');
  expect(contains).toEqual([
    { system: ANIMALS, code: 'dog', display: 'Best friend' },
    { system: ANIMALS, code: 'cat' },
    { system: `${THO}/v3-MaritalStatus`, code: 'M', display: 'Married' },
  ]);
  const answer = await ask(`ValueSet/all/$validate-code?system=${ANIMALS}&code=dog`);
  expect(Object.fromEntries(answer)).toMatchObject({ result: false, message: expect.stringContaining('not known') }); // prettier-ignore
  expect(answer.map(([name]) => name)).not.toContain('display');
});

test('Who may read code systems only knows the stored ones, and no value sets or maps.', async () => {
  const { ask, refusal } = await caller('system/CodeSystem.rs');
  expect(await ask(`CodeSystem/$lookup?system=${ANIMALS}&code=dog`)).toContainEqual([
    'display',
    'Domestic dog',
  ]);
  expect((await refusal(`ValueSet/$expand?url=${PETS}`))[0]).toBe(403);
  expect((await refusal('ConceptMap/map/$translate?code=dog'))[0]).toBe(403);
});

test('Who may read but not search is limited to instances.', async () => {
  const { refusal, ask } = await caller('system/CodeSystem.r');
  expect((await refusal(`CodeSystem/$lookup?system=${ANIMALS}&code=dog`))[0]).toBe(403);
  expect((await ask('CodeSystem/animals/$validate-code?code=dog'))[0]).toEqual(['result', true]);
});

test('What a value set that is sent refers to is found within the rights of the sender.', async () => {
  const { refusal } = await caller('system/ValueSet.rs');
  const resource = { ...animals, resourceType: 'ValueSet', content: undefined, concept: undefined, property: undefined, caseSensitive: undefined, compose: { include: [{ system: ANIMALS, filter: [{ property: 'concept', op: 'is-a', value: 'dog' }] }] } }; // prettier-ignore
  const body = parameters({ name: 'valueSet', resource });
  expect((await refusal('ValueSet/$expand', body)).slice(0, 2)).toEqual([404, 'not-found']);
});
