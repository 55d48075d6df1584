/** A server with some terminology of its own, and how its operations are called. https://hl7.org/fhir/R4/terminology-service.html */
import { expect } from '@jest/globals';
import type { OperationOutcome, Parameters, ParametersParameter, ValueSet } from '@medplum/fhirtypes';
import { searcher, type Sent } from './searcher.ts';
import type { FhirOptions, TestServer } from './server.ts';

export const ANIMALS = 'http://x.example/animals';
export const PETS = 'http://x.example/pets';
export const THO = 'http://terminology.hl7.org/CodeSystem';

/** animal (abstract) > mammal > (dog > poodle, cat), bird > (penguin, dodo which is retired). */
export const animals = {
  resourceType: 'CodeSystem',
  id: 'animals',
  url: ANIMALS,
  version: '2',
  name: 'Animals',
  status: 'active',
  content: 'complete',
  caseSensitive: false,
  property: [{ code: 'flies', type: 'boolean' }],
  concept: [
    {
      code: 'animal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        {
          code: 'mammal',
          display: 'Mammal',
          concept: [
            {
              code: 'dog',
              display: 'Domestic dog',
              definition: 'It barks.',
              designation: [{ language: 'de', use: { system: 'http://x.example/use', code: 'common' }, value: 'Haushund' }], // prettier-ignore
              property: [{ code: 'relative', valueCode: 'cat' }],
              concept: [{ code: 'poodle', display: 'Poodle' }],
            },
            { code: 'cat', display: 'Cat' },
          ],
        },
        {
          code: 'bird',
          display: 'Bird',
          concept: [
            { code: 'penguin', display: 'Penguin', property: [{ code: 'flies', valueBoolean: false }] },
            { code: 'dodo', display: 'Dodo', property: [{ code: 'status', valueCode: 'retired' }] },
          ],
        },
      ],
    },
  ],
};

export const valueSet = (id: string, compose: object, more: object = {}) => ({
  resourceType: 'ValueSet',
  id,
  url: `http://x.example/${id}`,
  status: 'active',
  compose,
  ...more,
});

export const stored: readonly Sent[] = [
  animals,
  {
    resourceType: 'CodeSystem',
    id: 'french',
    url: 'http://x.example/french',
    status: 'active',
    content: 'supplement',
    supplements: ANIMALS,
    concept: [{ code: 'cat', designation: [{ language: 'fr', value: 'Chat' }] }],
  },
  { resourceType: 'CodeSystem', id: 'part', url: 'http://x.example/part', status: 'active', content: 'fragment', concept: [{ code: 'known' }] }, // prettier-ignore
  { resourceType: 'CodeSystem', id: 'absent', url: 'http://x.example/absent', status: 'active', content: 'not-present' }, // prettier-ignore
  valueSet('pets', {
    include: [
      { system: ANIMALS, concept: [{ code: 'dog', display: 'Best friend' }, { code: 'cat' }] },
      { system: `${THO}/v3-MaritalStatus`, concept: [{ code: 'M' }] },
    ],
  }),
  valueSet('all', { include: [{ system: ANIMALS }] }),
  valueSet('living', { inactive: false, include: [{ system: ANIMALS, filter: [{ property: 'concept', op: 'is-a', value: 'bird' }] }] }), // prettier-ignore
  valueSet('units', { include: [{ system: 'http://unitsofmeasure.org', filter: [{ property: 'canonical', op: '=', value: 'mm[Hg]' }] }] }), // prettier-ignore
  valueSet('parts', { include: [{ system: 'http://x.example/part' }] }),
  valueSet('lost', { include: [{ system: 'http://x.example/absent' }] }),
  valueSet('loop', { include: [{ valueSet: ['http://x.example/loop'] }] }),
  valueSet('pinned', { include: [{ system: ANIMALS, version: '2', concept: [{ code: 'cat' }] }] }),
  {
    resourceType: 'ConceptMap',
    id: 'map',
    url: 'http://x.example/map',
    status: 'active',
    sourceCanonical: PETS,
    group: [
      {
        source: ANIMALS,
        target: 'http://x.example/food',
        element: [
          { code: 'dog', target: [{ code: 'bone', equivalence: 'wider', product: [{ property: 'http://x.example/bowl', value: 'big' }] }] }, // prettier-ignore
          {
            code: 'cat',
            target: [
              {
                code: 'fish',
                equivalence: 'equal',
                dependsOn: [{ property: 'http://x.example/mood', value: 'good' }],
              },
            ],
          },
          { code: 'dodo' },
        ],
        unmapped: { mode: 'fixed', code: 'grain', display: 'Grain' },
      },
    ],
  },
];

export interface TerminologyCaller {
  readonly call: (path: string, body?: object) => Promise<Answer>;
  /** Parameters as names and values. */
  readonly ask: (path: string, body?: object) => Promise<Named[]>;
  /** Status, code and diagnostics. */
  readonly refusal: (path: string, body?: object) => Promise<[number, string | undefined, string]>;
  readonly expansion: (path: string, body?: object) => Promise<NonNullable<ValueSet['expansion']>>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
type Named = readonly [name: string, value: unknown];

const plain = ({ name, part, ...value }: ParametersParameter): Named => [
  name,
  part === undefined ? Object.values(value)[0] : Object.fromEntries(part.map(plain)),
];

export const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });

export const storeTerminology = (server: TestServer): Promise<void> => searcher(server).store(...stored);

export function terminologyCaller(server: TestServer, options: FhirOptions = {}): TerminologyCaller {
  const call = async (path: string, body?: object): Promise<Answer> => {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await server.fhir(method, path, { ...options, ...(body && { body }) });
    return { status: response.status, body: await response.json() };
  };
  const found = async (path: string, body?: object): Promise<unknown> => {
    const answer = await call(path, body);
    expect([path, answer.status, answer.status === 200 ? '' : answer.body]).toEqual([path, 200, '']);
    return answer.body;
  };
  return {
    call,
    ask: async (path, body) => ((await found(path, body)) as Parameters).parameter?.map(plain) ?? [],
    async refusal(path, body) {
      const { status, body: outcome } = await call(path, body);
      const [issue] = (outcome as OperationOutcome).issue;
      return [status, issue?.code, issue?.diagnostics ?? ''];
    },
    expansion: async (path, body) => ((await found(path, body)) as ValueSet).expansion!,
  };
}
