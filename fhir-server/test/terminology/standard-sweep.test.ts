/** Every value set and code system of the standard goes through the engine. https://hl7.org/fhir/R4/terminologies-valuesets.html */
import { expect, test } from '@jest/globals';
import { FhirError } from '../../src/fhir/outcome.ts';
import {
  standardCodeSystems,
  standardValueSet,
  standardValueSets,
} from '../../src/fhir/definitions/index.ts';
import { Composer, expand, type ExpandQuery, lookup, Reader } from '../../src/terminology/index.ts';
import { source } from './stored.ts';

const LIMITS = { codes: 10_000, resources: 200, steps: 1_000_000 };
const QUERY: ExpandQuery = {
  offset: 0,
  includeDesignations: true,
  designations: [],
  includeDefinition: false,
  activeOnly: false,
  excludeNotForUI: false,
  isNested: false,
  excludedSystems: [],
  parameters: [],
};
/** Of which the standard publishes no concepts. */
const reader = (canonical: string) => new Reader(source(), canonical, LIMITS);

test('Each value set is expanded, or it is said which code system is not known.', async () => {
  const refused = new Map<string, number>();
  let expanded = 0;
  for (const url of standardValueSets()) {
    const valueSet = standardValueSet(url)!;
    try {
      const { expansion } = await expand(reader(url), valueSet, url, QUERY);
      expect([url, expansion?.contains?.length]).toEqual([url, expansion?.total]);
      expanded += 1;
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      const code = `${error.status} ${error.outcome.issue[0]?.code}`;
      refused.set(code, (refused.get(code) ?? 0) + 1);
    }
  }
  expect(expanded).toBeGreaterThan(1_000);
  expect([...refused.keys()].sort()).toEqual(['400 not-found', '400 not-supported']);
});

test('What is listed by an expansion is a member, and nested expansions list the same.', async () => {
  for (const url of standardValueSets().filter((_, i) => i % 25 === 0)) {
    const valueSet = standardValueSet(url)!;
    const flat = await expand(reader(url), valueSet, url, QUERY).catch(() => undefined);
    if (flat === undefined) continue;
    const nested = await expand(reader(url), valueSet, url, { ...QUERY, isNested: true });
    const count = (entries: NonNullable<typeof nested.expansion>['contains'] = []): number =>
      entries.reduce((sum, { contains }) => sum + 1 + count(contains), 0);
    expect([url, count(nested.expansion?.contains)]).toEqual([url, flat.expansion?.total]);
    const contents = await new Composer(reader(url), { isComplete: true }).contents(valueSet, [url]);
    for (const { system, code = '' } of flat.expansion?.contains?.slice(0, 20) ?? []) {
      const parts = contents.filter((part) => part.system === system);
      const members = await Promise.all(
        parts.map(async ({ content, set }) => (set.kind === 'codes' ? set.codes : await content!.members(set, [code]))), // prettier-ignore
      );
      expect([url, code, members.some((m) => m.has(code))]).toEqual([url, code, true]);
    }
  }
});

test('Each concept of each code system can be looked up.', async () => {
  for (const { url = '', concept = [], content } of standardCodeSystems()) {
    if (content === 'supplement' || concept.length === 0) continue;
    const known = await reader(url).knownCodeSystem(url);
    const code = concept.at(-1)?.code ?? '';
    if (!(await known.find([code])).has(code)) continue;
    const { parameter } = await lookup(known, { code, properties: [] });
    expect(parameter?.find(({ name }) => name === 'display')?.valueString).toEqual(expect.any(String));
  }
});
