/** Hand-written value sets and code systems, and a source that has them: what the terminology tests are made of. */
import { expect } from '@jest/globals';
import type {
  CodeSystem,
  CodeSystemConcept,
  ValueSet,
  ValueSetCompose,
  ValueSetComposeInclude,
  ValueSetComposeIncludeFilter,
} from '@medplum/fhirtypes';
import {
  expandForSearch,
  type TerminologyLimits,
  type TerminologySource,
} from '../../src/terminology/index.ts';

export const ANIMALS = 'http://example.org/animals';
export const OPEN = 'http://example.org/open';

export const valueSet = (url: string, compose: Partial<ValueSetCompose>): ValueSet => ({
  resourceType: 'ValueSet',
  status: 'active',
  url,
  compose: { include: [], ...compose },
});

export const codeSystem = (
  url: string,
  concept: CodeSystemConcept[],
  more: Partial<CodeSystem> = {},
): CodeSystem => ({
  resourceType: 'CodeSystem',
  status: 'active',
  content: 'complete',
  url,
  concept,
  ...more,
});

/** animal > (mammal > (dog > poodle, cat), bird > (penguin, dodo)); mule by its parents only. */
export const animals = codeSystem(ANIMALS, [
  {
    code: 'animal',
    concept: [
      {
        code: 'mammal',
        concept: [{ code: 'dog', display: 'Dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }],
      },
      {
        code: 'bird',
        concept: [
          { code: 'penguin', property: [{ code: 'flies', valueBoolean: false }] },
          { code: 'dodo', property: [{ code: 'status', valueCode: 'retired' }] },
        ],
      },
    ],
  },
  {
    code: 'mule',
    property: [
      { code: 'parent', valueCode: 'mammal' },
      { code: 'flies', valueBoolean: false },
    ],
  },
]);

export function source(...resources: readonly (ValueSet | CodeSystem)[]): TerminologySource {
  const find = <T extends ValueSet | CodeSystem>(
    type: T['resourceType'],
    canonical: string,
  ): Promise<T | undefined> => {
    const [url, version] = canonical.split('|');
    const found = resources.find(
      (r) =>
        r.resourceType === type &&
        (canonical === `${type}/${r.id}` ||
          (r.url === url && (version === undefined || r.version === version))),
    );
    return Promise.resolve(found as T | undefined);
  };
  return {
    valueSet: (canonical) => find<ValueSet>('ValueSet', canonical),
    codeSystem: (url) => find<CodeSystem>('CodeSystem', url),
  };
}

export const listed = (system: string, ...codes: string[]): ValueSetComposeInclude => ({
  system,
  concept: codes.map((code) => ({ code })),
});

export const filtered = (
  property: string,
  op: ValueSetComposeIncludeFilter['op'],
  value: string,
): ValueSetComposeInclude => ({ system: ANIMALS, filter: [{ property, op, value }] });

/** The codes, sorted, of a value set of this definition over the animals. */
export async function codesOf(
  compose: Partial<ValueSetCompose>,
  ...others: readonly (ValueSet | CodeSystem)[]
): Promise<string[]> {
  const asked = valueSet('http://example.org/asked', compose);
  const { codes } = await expandForSearch(source(asked, animals, ...others), 'http://example.org/asked');
  return codes.map(({ code }) => code).sort();
}

/** That it is refused with 400, with this issue code and a text that has `text` in it. */
export async function expectRefused(answer: Promise<unknown>, code: string, text: string): Promise<void> {
  await expect(answer).rejects.toMatchObject({
    status: 400,
    outcome: { issue: [{ code, diagnostics: expect.stringContaining(text) }] },
  });
}

export const limits = (less: Partial<TerminologyLimits>): TerminologyLimits => ({
  codes: 10,
  resources: 10,
  steps: 1000,
  ...less,
});
