/** Operations on code systems and concept maps as a client meets them. https://hl7.org/fhir/R4/terminology-service.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CapabilityStatement, TerminologyCapabilities } from '@medplum/fhirtypes';
import { validateResource } from '../../src/validate/index.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import {
  ANIMALS,
  animals,
  parameters,
  PETS,
  THO,
  storeTerminology,
  terminologyCaller,
  type TerminologyCaller,
} from '../support/terminology-caller.ts';

let server: TestServer;
let ask: TerminologyCaller['ask'];
let refusal: TerminologyCaller['refusal'];

beforeAll(async () => {
  server = await startTestServer();
  await storeTerminology(server);
  ({ ask, refusal } = terminologyCaller(server));
}, 30_000);
afterAll(() => server.close());

describe('$lookup', () => {
  test('tells all about a concept.', async () => {
    expect(await ask(`CodeSystem/$lookup?system=${ANIMALS}&code=dog`)).toEqual([
      ['name', 'Animals'],
      ['version', '2'],
      ['display', 'Domestic dog'],
      ['abstract', false],
      ['designation', { language: 'de', use: { system: 'http://x.example/use', code: 'common' }, value: 'Haushund' }], // prettier-ignore
      ['property', { code: 'definition', value: 'It barks.' }],
      ['property', { code: 'inactive', value: false }],
      ['property', { code: 'relative', value: 'cat', description: 'Cat' }],
      ['property', { code: 'parent', value: 'mammal', description: 'Mammal' }],
      ['property', { code: 'child', value: 'poodle', description: 'Poodle' }],
    ]);
  });

  test('tells only the properties that are asked for, and the display in a language.', async () => {
    const path = `CodeSystem/$lookup?system=${ANIMALS}&code=dog&property=child&property=lang.de&displayLanguage=de-CH,de`; // prettier-ignore
    expect((await ask(path)).slice(2)).toEqual([
      ['display', 'Haushund'],
      ['abstract', false],
      ['designation', expect.objectContaining({ value: 'Haushund' })],
      ['property', { code: 'child', value: 'poodle', description: 'Poodle' }],
    ]);
  });

  test('takes a Coding, a code in another case where case does not count, and supplements.', async () => {
    const valueCoding = { system: ANIMALS, code: 'CAT', version: '2' };
    const answer = await ask('CodeSystem/$lookup', parameters({ name: 'coding', valueCoding }));
    expect(answer).toContainEqual(['display', 'Cat']);
    expect(answer).toContainEqual(['designation', { language: 'fr', value: 'Chat' }]);
  });

  test.each([
    ['of the standard', `${THO}/v3-MaritalStatus`, 'M', 'Married'],
    ['a unit', 'http://unitsofmeasure.org', 'mm[Hg]', 'millimeter of mercury'],
    ['a language', 'urn:ietf:bcp:47', 'de-CH', 'Swiss High German'],
    ['a country', 'urn:iso:std:iso:3166', 'CH', 'Switzerland'],
    ['a currency', 'urn:iso:std:iso:4217', 'CHF', 'Swiss Franc'],
    ['a MIME type', 'urn:ietf:bcp:13', 'application/fhir+json', 'application/fhir+json'],
  ])('knows codes %s.', async (_what, system, code, display) => {
    const path = `CodeSystem/$lookup?system=${system}&code=${encodeURIComponent(code)}`;
    expect(await ask(path)).toContainEqual(['display', display]);
  });

  test.each([
    ['code=dog', 400, 'invalid'],
    [`system=${ANIMALS}`, 400, 'invalid'],
    [`system=${ANIMALS}&code=unicorn`, 404, 'not-found'],
    [`system=${ANIMALS}&code=dog&version=7`, 404, 'not-found'],
    [`system=${ANIMALS}&code=dog&code=cat`, 400, 'invalid'],
    [`system=${ANIMALS}&code=dog&date=2001-01-01`, 422, 'not-supported'],
    [`system=${ANIMALS}&code=dog&date=soon`, 400, 'invalid'],
    [`system=${ANIMALS}&code=dog&displayLanguage=%00`, 400, 'invalid'],
    [`system=${ANIMALS}&coding=dog`, 400, 'invalid'],
    ['system=http://x.example/absent&code=x', 404, 'not-found'],
    ['system=http://x.example/french&code=cat', 404, 'not-found'],
    ['system=urn:ietf:bcp:47&code=not_a_language', 404, 'not-found'],
  ])('refuses %s.', async (query, status, code) => {
    expect((await refusal(`CodeSystem/$lookup?${query}`)).slice(0, 2)).toEqual([status, code]);
  });
});

describe('$validate-code of a code system', () => {
  test.each([
    ['a code that it has', `url=${ANIMALS}&code=dog`, true],
    ['one that it has not', `url=${ANIMALS}&code=unicorn`, false],
    ['the right display, in any case', `url=${ANIMALS}&code=dog&display=domestic%20DOG`, true],
    ['a designation', `url=${ANIMALS}&code=dog&display=Haushund`, true],
    ['a wrong display', `url=${ANIMALS}&code=dog&display=Cat`, false],
    ['an abstract code', `url=${ANIMALS}&code=animal&abstract=true`, true],
    ['an abstract code where none is wanted', `url=${ANIMALS}&code=animal&abstract=false`, false],
    ['a code that a fragment does not tell of', 'url=http://x.example/part&code=other', true],
  ])('judges %s.', async (_what, query, result) => {
    expect((await ask(`CodeSystem/$validate-code?${query}`))[0]).toEqual(['result', result]);
  });

  test('says why not, and what the display is.', async () => {
    const answer = await ask(`CodeSystem/animals/$validate-code?code=dog&display=Cat`);
    expect(Object.fromEntries(answer)).toMatchObject({
      result: false,
      message: expect.stringContaining('Domestic dog'),
      display: 'Domestic dog',
      system: ANIMALS,
      version: '2',
    });
    expect(Object.fromEntries(await ask(`CodeSystem/animals/$validate-code?code=dodo`))).toMatchObject({
      result: true,
      message: expect.stringContaining('inactive'),
    });
  });

  test('takes the code system with the request, and a CodeableConcept of which one coding has to be valid.', async () => {
    const codeSystem = { ...animals, id: undefined, url: 'http://x.example/sent' };
    const coding = [{ system: ANIMALS, code: 'dog' }, { system: 'http://x.example/sent', code: 'cat' }]; // prettier-ignore
    const body = parameters(
      { name: 'codeSystem', resource: codeSystem },
      { name: 'codeableConcept', valueCodeableConcept: { coding } },
    );
    expect(Object.fromEntries(await ask('CodeSystem/$validate-code', body))).toMatchObject({
      result: true,
      code: 'cat',
    });
  });

  test('is refused for a code system that is not known.', async () => {
    const path = 'CodeSystem/$validate-code?url=http://x.example/none&code=x';
    expect((await refusal(path)).slice(0, 2)).toEqual([404, 'not-found']);
  });
});

describe('$subsumes', () => {
  test.each([
    ['dog', 'dog', 'equivalent'],
    ['mammal', 'poodle', 'subsumes'],
    ['poodle', 'animal', 'subsumed-by'],
    ['dog', 'cat', 'not-subsumed'],
  ])('of %s and %s is %s.', async (codeA, codeB, outcome) => {
    const query = `codeA=${codeA}&codeB=${codeB}`;
    expect(await ask(`CodeSystem/$subsumes?system=${ANIMALS}&${query}`)).toEqual([['outcome', outcome]]);
    expect(await ask(`CodeSystem/animals/$subsumes?${query}`)).toEqual([['outcome', outcome]]);
  });

  test('takes Codings, and refuses codes of two systems and unknown ones.', async () => {
    const codings = (a: object, b: object) =>
      parameters({ name: 'codingA', valueCoding: a }, { name: 'codingB', valueCoding: b });
    const dog = { system: ANIMALS, code: 'dog' };
    const body = codings(dog, { system: ANIMALS, code: 'mammal' });
    expect(await ask('CodeSystem/$subsumes', body)).toEqual([['outcome', 'subsumed-by']]);
    const other = codings(dog, { system: 'http://x.example/y', code: 'dog' });
    expect((await refusal('CodeSystem/$subsumes', other)).slice(0, 2)).toEqual([400, 'invalid']);
    const unknown = await refusal(`CodeSystem/$subsumes?system=${ANIMALS}&codeA=dog&codeB=unicorn`);
    expect(unknown.slice(0, 2)).toEqual([404, 'not-found']);
  });
});

describe('$translate', () => {
  const match = (equivalence: string, code: string, more: object = {}) => [
    'match',
    {
      equivalence,
      concept: { system: 'http://x.example/food', code },
      source: 'http://x.example/map',
      ...more,
    },
  ];

  test('finds the target with its equivalence and its products.', async () => {
    const product = { element: 'http://x.example/bowl', concept: { code: 'big' } };
    const found = [['result', true], match('wider', 'bone', { product })];
    expect(await ask(`ConceptMap/$translate?url=http://x.example/map&system=${ANIMALS}&code=dog`)).toEqual(
      found,
    );
    expect(await ask(`ConceptMap/$translate?system=${ANIMALS}&code=dog&source=${PETS}`)).toEqual(found);
    const valueCoding = { system: ANIMALS, code: 'dog' };
    expect(await ask('ConceptMap/map/$translate', parameters({ name: 'coding', valueCoding }))).toEqual(
      found,
    );
  });

  test('looks at what a target depends on.', async () => {
    const coding = { name: 'coding', valueCoding: { system: ANIMALS, code: 'cat' } };
    const dependency = (text: string) => ({
      name: 'dependency',
      part: [
        { name: 'element', valueUri: 'http://x.example/mood' },
        { name: 'concept', valueCodeableConcept: { text } },
      ],
    });
    const path = 'ConceptMap/map/$translate';
    expect(await ask(path, parameters(coding, dependency('good')))).toEqual([['result', true], match('equal', 'fish')]); // prettier-ignore
    expect((await ask(path, parameters(coding, dependency('bad'))))[0]).toEqual(['result', false]);
  });

  test('tells what has no target, and what unmapped codes become.', async () => {
    const at = (code: string) => ask(`ConceptMap/map/$translate?system=${ANIMALS}&code=${code}`);
    expect(await at('dodo')).toEqual([
      ['result', false],
      ['message', expect.any(String)],
      ['match', { equivalence: 'unmatched', source: 'http://x.example/map' }],
    ]);
    expect(await at('bird')).toEqual([
      ['result', true],
      ['match', expect.objectContaining({ concept: { system: 'http://x.example/food', code: 'grain', display: 'Grain' } })], // prettier-ignore
    ]);
  });

  test('goes back.', async () => {
    const path = 'ConceptMap/$translate?url=http://x.example/map&system=http://x.example/food&code=bone&reverse=true'; // prettier-ignore
    expect(await ask(path)).toEqual([
      ['result', true],
      [
        'match',
        {
          equivalence: 'narrower',
          concept: { system: ANIMALS, code: 'dog' },
          source: 'http://x.example/map',
        },
      ],
    ]);
  });

  test('knows the maps of the standard.', async () => {
    const path = `ConceptMap/$translate?system=http://hl7.org/fhir/administrative-gender&code=male&targetsystem=${THO}/v3-AdministrativeGender`; // prettier-ignore
    expect(await ask(path)).toContainEqual([
      'match',
      expect.objectContaining({ concept: expect.objectContaining({ code: 'M' }) }),
    ]);
  });

  test('finds nothing where no map leads, and refuses unknown maps and codes without a system.', async () => {
    expect((await ask('ConceptMap/$translate?system=http://x.example/y&code=x'))[0]).toEqual([
      'result',
      false,
    ]);
    const unknown = await refusal('ConceptMap/$translate?url=http://x.example/none&system=s&code=x');
    expect(unknown.slice(0, 2)).toEqual([404, 'not-found']);
    expect((await refusal('ConceptMap/$translate?code=x')).slice(0, 2)).toEqual([400, 'invalid']);
  });
});

describe('metadata?mode=terminology', () => {
  test('is valid, and each code system that it names can be asked for a code.', async () => {
    const response = await server.fhir('GET', 'metadata?mode=terminology', { token: null });
    const statement = (await response.json()) as TerminologyCapabilities;
    expect(response.status).toBe(200);
    expect(validateResource(statement)).toEqual([]);
    const systems = statement.codeSystem?.map(({ uri }) => uri ?? '') ?? [];
    expect(systems).toEqual(expect.arrayContaining([`${THO}/v3-ActCode`, 'urn:ietf:bcp:13']));
    const some = systems.filter((uri, i) => i % 20 === 0 || uri.includes('v2-0006'));
    const answers = some.map((uri) => ask(`CodeSystem/$validate-code?url=${uri}&code=none`));
    expect((await Promise.all(answers)).every(([first]) => first?.[0] === 'result')).toBe(true);
  });

  test('and without that mode, metadata names the operations.', async () => {
    const response = await server.fhir('GET', 'metadata', { token: null });
    const { rest } = (await response.json()) as CapabilityStatement;
    const operations = (type: string) =>
      rest?.[0]?.resource?.find((r) => r.type === type)?.operation?.map(({ name }) => name);
    expect(operations('CodeSystem')).toEqual(expect.arrayContaining(['lookup', 'subsumes', 'validate-code']));
    expect(operations('ValueSet')).toEqual(expect.arrayContaining(['expand', 'validate-code']));
    expect(operations('ConceptMap')).toContain('translate');
    expect(rest?.[0]?.operation?.map(({ name }) => name)).toContain('closure');
  });
});
