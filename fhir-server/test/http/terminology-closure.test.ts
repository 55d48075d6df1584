/** $closure as a client that keeps a closure table meets it. https://hl7.org/fhir/R4/terminology-service.html#closure */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConceptMap } from '@medplum/fhirtypes';
import { appToken } from '../support/app-token.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  ANIMALS,
  parameters,
  storeTerminology,
  terminologyCaller,
  type TerminologyCaller,
} from '../support/terminology-caller.ts';

let server: TestServer;
let caller: TerminologyCaller;

beforeAll(async () => {
  server = await startTestServer({ TERMINOLOGY_CLOSURES_MAX: '3', TERMINOLOGY_CLOSURE_CONCEPTS_MAX: '5' });
  await storeTerminology(server);
  caller = terminologyCaller(server);
}, 30_000);
afterAll(() => server.close());

const concept = (code: string, system = ANIMALS) => ({ name: 'concept', valueCoding: { system, code } });
const body = (name: string, ...more: object[]) => parameters({ name: 'name', valueString: name }, ...more);

/** Its version, and `code < what subsumes it`. */
async function closure(
  by: TerminologyCaller,
  ...sent: Parameters<typeof body>
): Promise<[string | undefined, ...string[]]> {
  const answer = await by.call('$closure', body(...sent));
  expect([answer.status, answer.status === 200 ? '' : answer.body]).toEqual([200, '']);
  const { version, group = [] } = answer.body as ConceptMap;
  const pairs = group.flatMap(({ element }) =>
    element.flatMap(({ code, target = [] }) => target.map((t) => `${code} < ${t.code} ${t.equivalence}`)),
  );
  return [version, ...pairs.sort()];
}

test('A table begins empty, grows with its concepts and tells only what is new.', async () => {
  expect(await closure(caller, 'a')).toEqual(['0']);
  expect(await closure(caller, 'a', concept('dog'), concept('cat'))).toEqual(['1']);
  expect(await closure(caller, 'a', concept('mammal'), concept('poodle'))).toEqual([
    '2',
    'cat < mammal subsumes',
    'dog < mammal subsumes',
    'poodle < dog subsumes',
    'poodle < mammal subsumes',
  ]);
  expect(await closure(caller, 'a', concept('dog'))).toEqual(['2']);
});

test('What came after a version can be had again, and a table can begin anew.', async () => {
  await closure(caller, 'b');
  await closure(caller, 'b', concept('dog'), concept('mammal'));
  await closure(caller, 'b', concept('poodle'));
  const version = (valueString: string) => ({ name: 'version', valueString });
  expect(await closure(caller, 'b', version('1'))).toEqual(['2', 'poodle < dog subsumes', 'poodle < mammal subsumes']); // prettier-ignore
  expect(await closure(caller, 'b', version('0'))).toHaveLength(4);
  expect(await closure(caller, 'b')).toEqual(['0']);
  expect(await closure(caller, 'b', version('0'))).toEqual(['0']);
});

test('Calls at the same time each tell what is new to them, and miss nothing.', async () => {
  await closure(caller, 'c');
  const codes = ['animal', 'mammal', 'dog', 'poodle'];
  await Promise.all([1, 2, 3].map(() => closure(caller, 'c')));
  const answers = await Promise.all(codes.map((code) => closure(caller, 'c', concept(code))));
  expect(answers.flatMap(([, ...pairs]) => pairs)).toHaveLength(6);
});

test('Tables belong to their client and user, and to nobody else.', async () => {
  const doctor = terminologyCaller(server, { token: await appToken(server, 'doctor', 'user/*.cruds') });
  await closure(caller, 'a');
  expect((await doctor.refusal('$closure', body('a', concept('dog')))).slice(0, 2)).toEqual([
    404,
    'not-found',
  ]);
  expect(await closure(doctor, 'a')).toEqual(['0']);
  expect(await closure(doctor, 'a', concept('dog'), concept('mammal'))).toHaveLength(2);
  expect(await closure(caller, 'a', concept('dog'))).toEqual(['1']);
});

test.each([
  ['an unknown table', body('none', concept('dog')), 404, 'not-found'],
  ['a table without a name', { resourceType: 'Parameters' }, 400, 'invalid'],
  ['a name without end', body('x'.repeat(300)), 400, 'invalid'],
  ['an unknown code', body('c', concept('unicorn')), 404, 'not-found'],
  ['an unknown system', body('c', concept('x', 'http://x.example/none')), 404, 'not-found'],
  ['a concept without a code', body('c', { name: 'concept', valueCoding: { system: ANIMALS } }), 400, 'invalid'], // prettier-ignore
  ['a version to come', body('c', { name: 'version', valueString: '99' }), 400, 'invalid'],
  ['a version that is none', body('c', { name: 'version', valueString: 'x' }), 400, 'invalid'],
  ['one table too many', body('d'), 422, 'too-costly'],
  ['one concept too many', body('c', concept('cat'), concept('bird')), 422, 'too-costly'],
])('%s is refused.', async (_what, sent, status, code) => {
  expect((await caller.refusal('$closure', sent)).slice(0, 2)).toEqual([status, code]);
});

test('It changes something, so that it is called by POST, by who may search code systems.', async () => {
  expect((await caller.refusal('$closure?name=a'))[0]).toBe(405);
  const other = terminologyCaller(server, { token: await server.token('system/Observation.rs') });
  expect((await other.refusal('$closure', body('a')))[0]).toBe(403);
});
