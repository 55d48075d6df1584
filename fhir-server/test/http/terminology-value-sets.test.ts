/** Operations on value sets as a client meets them. https://hl7.org/fhir/R4/valueset-operations.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  ANIMALS,
  parameters,
  PETS,
  THO,
  valueSet,
  storeTerminology,
  terminologyCaller,
  type TerminologyCaller,
} from '../support/terminology-caller.ts';

let server: TestServer;
let ask: TerminologyCaller['ask'];
let call: TerminologyCaller['call'];
let expansion: TerminologyCaller['expansion'];
let refusal: TerminologyCaller['refusal'];

beforeAll(async () => {
  server = await startTestServer();
  await storeTerminology(server);
  ({ ask, call, expansion, refusal } = terminologyCaller(server));
}, 30_000);
afterAll(() => server.close());

describe('$validate-code of a value set', () => {
  test.each([
    ['a member', `url=${PETS}&system=${ANIMALS}&code=dog`, true],
    ['a member without its system, which is found', `url=${PETS}&code=M`, true],
    ['what is no member', `url=${PETS}&system=${ANIMALS}&code=bird`, false],
    ['a member of another system', `url=${PETS}&system=http://x.example/other&code=dog`, false],
    ["the value set's own display", `url=${PETS}&system=${ANIMALS}&code=dog&display=best%20friend`, true],
    ['the version that it has', `url=${PETS}&system=${ANIMALS}&systemVersion=2&code=dog`, true],
    ['a version that it has not', `url=${PETS}&system=${ANIMALS}&systemVersion=1&code=dog`, false],
    ['an active code', 'url=http://x.example/living&code=penguin', true],
    ['an inactive code', 'url=http://x.example/living&code=dodo', false],
    ['a unit of the same dimension', 'url=http://x.example/units&code=kPa', true],
    ['a unit of another', 'url=http://x.example/units&code=kg', false],
    ['what is no unit', 'url=http://x.example/units&code=kilo', false],
    ['a code of a fragment', 'url=http://x.example/parts&code=other', true],
    ['what cannot be known', 'url=http://x.example/lost&system=http://x.example/absent&code=x', false],
    ['a MIME type', 'url=http://hl7.org/fhir/ValueSet/mimetypes&code=text/plain', true],
    ['no MIME type', 'url=http://hl7.org/fhir/ValueSet/mimetypes&code=plain', false],
  ])('judges %s.', async (_what, query, result) => {
    expect((await ask(`ValueSet/$validate-code?${query}`))[0]).toEqual(['result', result]);
  });

  test('takes the value set itself, as the body or as a parameter.', async () => {
    const own = valueSet('own', { include: [{ system: ANIMALS, concept: [{ code: 'cat' }] }] });
    const path = `ValueSet/$validate-code?system=${ANIMALS}&code=cat`;
    expect((await ask(path, own))[0]).toEqual(['result', true]);
    const coding = { name: 'coding', valueCoding: { system: ANIMALS, code: 'dog' } };
    const body = parameters({ name: 'valueSet', resource: own }, coding);
    expect((await ask('ValueSet/$validate-code', body))[0]).toEqual(['result', false]);
    expect((await ask('ValueSet/pets/$validate-code', parameters(coding)))[0]).toEqual(['result', true]);
  });

  test.each([
    ['url=http://x.example/none&code=x', 404, 'not-found'],
    ['code=x', 400, 'invalid'],
    [`url=${PETS}`, 400, 'invalid'],
    ['url=http://x.example/loop&code=x', 400, 'invalid'],
    [`url=${PETS}&code=x&abstract=perhaps`, 400, 'invalid'],
    ['context=http://x.example/p%23Patient.gender&code=x', 422, 'not-supported'],
  ])('refuses %s.', async (query, status, code) => {
    expect((await refusal(`ValueSet/$validate-code?${query}`)).slice(0, 2)).toEqual([status, code]);
  });

  test('refuses a body that is no resource, or not valid.', async () => {
    for (const body of [[], { resourceType: 'Patient' }, { ...valueSet('x', {}), compose: [] }])
      expect((await refusal('ValueSet/$validate-code?code=x', body))[0]).toBe(400);
  });
});

const codes = async (query: string): Promise<(string | undefined)[]> =>
  (await expansion(`ValueSet/$expand?${query}`)).contains?.map(({ code }) => code) ?? [];

describe('$expand', () => {
  test('lists the members with their displays, and what it was made of.', async () => {
    const { contains, total, parameter, identifier } = await expansion(`ValueSet/$expand?url=${PETS}`);
    expect(contains).toEqual([
      { system: ANIMALS, code: 'dog', display: 'Best friend' },
      { system: ANIMALS, code: 'cat', display: 'Cat' },
      { system: `${THO}/v3-MaritalStatus`, code: 'M', display: 'Married' },
    ]);
    expect(total).toBe(3);
    expect(identifier).toMatch(/^urn:uuid:/);
    expect(parameter).toContainEqual({ name: 'used-codesystem', valueUri: `${ANIMALS}|2` });
  });

  test.each([
    ['a filter on the beginnings of words', 'url=http://x.example/all&filter=dom%20d', ['dog']],
    ['a filter on designations', 'url=http://x.example/all&filter=haus', ['dog']],
    ["a filter on the value set's own words", `url=${PETS}&filter=friend`, ['dog']],
    ['a page', 'url=http://x.example/all&offset=2&count=2', ['dog', 'poodle']],
    ['a page over several systems', `url=${PETS}&offset=1&count=5`, ['cat', 'M']],
    ['a page behind the end', `url=${PETS}&offset=10&count=5`, []],
    ['nothing but the number', `url=${PETS}&count=0`, []],
    ['active codes', 'url=http://x.example/all&activeOnly=true&filter=do', ['dog']],
    ['codes to choose', 'url=http://x.example/all&excludeNotForUI=true&count=1', ['mammal']],
    ['other systems', `url=${PETS}&exclude-system=${ANIMALS}`, ['M']],
    ['other systems of a version', `url=${PETS}&exclude-system=${ANIMALS}|2`, ['M']],
    ['all systems but of another version', `url=${PETS}&exclude-system=${ANIMALS}|3`, ['dog', 'cat', 'M']],
    ['an instance', '', ['dog', 'cat', 'M']],
  ])('with %s lists just these.', async (_what, query, listed) => {
    if (query !== '') return expect(await codes(query)).toEqual(listed);
    const { contains } = await expansion('ValueSet/pets/$expand');
    expect(contains?.map(({ code }) => code)).toEqual(listed);
  });

  test('tells the total of all pages, and where the page begins.', async () => {
    const page = await expansion('ValueSet/$expand?url=http://x.example/all&offset=2&count=2');
    expect(page).toMatchObject({ total: 8, offset: 2 });
    expect(page.parameter).toContainEqual({ name: 'count', valueInteger: 2 });
    expect(await expansion(`ValueSet/$expand?url=${PETS}&count=0`)).toMatchObject({ total: 3, contains: [] });
  });

  test('nests where that is asked for.', async () => {
    const { contains } = await expansion('ValueSet/$expand?url=http://x.example/all&excludeNested=false');
    const [animal] = contains ?? [];
    expect(contains).toHaveLength(1);
    expect(animal).toMatchObject({ code: 'animal', abstract: true });
    expect(animal?.contains?.map(({ code }) => code)).toEqual(['mammal', 'bird']);
    expect(animal?.contains?.[1]?.contains).toContainEqual({
      system: ANIMALS,
      code: 'dodo',
      display: 'Dodo',
      inactive: true,
    });
  });

  test('gives designations, displays in a language and the definition if asked.', async () => {
    const url = 'url=http://x.example/all&filter=dog';
    expect((await expansion(`ValueSet/$expand?${url}&includeDesignations=true`)).contains?.[0]).toMatchObject(
      {
        designation: [{ language: 'de', value: 'Haushund' }],
      },
    );
    const french = await expansion(`ValueSet/$expand?${url}&designation=urn:ietf:bcp:47|fr`);
    expect(french.contains?.[0]).not.toHaveProperty('designation');
    const german = await expansion(`ValueSet/$expand?${url}&displayLanguage=de`);
    expect(german.contains?.[0]?.display).toBe('Haushund');
    expect((await call(`ValueSet/$expand?${url}`)).body).not.toHaveProperty('compose');
    expect((await call(`ValueSet/$expand?${url}&includeDefinition=true`)).body).toHaveProperty('compose');
  });

  test('minds the versions that the request names.', async () => {
    const pinned = 'url=http://x.example/pinned';
    expect(await codes(`${pinned}&check-system-version=${ANIMALS}|2`)).toEqual(['cat']);
    expect(await refusal(`ValueSet/$expand?${pinned}&check-system-version=${ANIMALS}|1`)).toEqual([
      400,
      'invalid',
      expect.stringContaining('version 2'),
    ]);
  });

  test('takes a value set with the request.', async () => {
    const own = valueSet('own', { include: [{ system: ANIMALS, filter: [{ property: 'code', op: 'regex', value: 'd.*' }] }] }); // prettier-ignore
    const { contains } = await expansion('ValueSet/$expand', own);
    expect(contains?.map(({ code }) => code)).toEqual(['dog', 'dodo']);
    const body = parameters({ name: 'valueSet', resource: own }, { name: 'activeOnly', valueBoolean: true });
    expect((await expansion('ValueSet/$expand', body)).total).toBe(1);
  });

  test('says of a fragment that it is one.', async () => {
    const { extension } = await expansion('ValueSet/$expand?url=http://x.example/parts');
    expect(extension?.[0]).toMatchObject({ valueBoolean: true });
  });

  test.each([
    ['url=http://x.example/none', 404, 'not-found'],
    ['', 400, 'invalid'],
    ['url=http://x.example/loop', 400, 'invalid'],
    ['url=http://x.example/lost', 404, 'not-found'],
    ['url=http://hl7.org/fhir/ValueSet/mimetypes', 422, 'not-supported'],
    ['url=http://x.example/pets&count=-1', 400, 'invalid'],
    ['url=http://x.example/pets&count=1e9', 400, 'invalid'],
    ['url=http://x.example/pets&system-version=x', 400, 'invalid'],
    ['url=http://x.example/pets&url=http://x.example/all', 400, 'invalid'],
  ])('refuses %s.', async (query, status, code) => {
    expect((await refusal(`ValueSet/$expand?${query}`)).slice(0, 2)).toEqual([status, code]);
  });

  test('ignores what it does not know, unless handling is strict.', async () => {
    const path = `ValueSet/$expand?url=${PETS}&cache-id=1`;
    expect((await call(path)).status).toBe(200);
    const strict = await server.fhir('GET', path, { headers: { Prefer: 'handling=strict' } });
    expect(strict.status).toBe(422);
  });
});
