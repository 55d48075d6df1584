/** Codes from the code systems of a FHIR server: ours, over HTTP. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Parameters, ValueSet } from '@medplum/fhirtypes';
import { terminologyCodeProvider } from '../../../provider/terminology/code.ts';
import { startTestServer, type TestServer } from '../../../../fhir-server/test/support/server.ts';
import { entity } from '../../support/entity.ts';

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';

const concept = (code: string, display: string, billable: boolean, designation?: string) => ({
  code,
  display,
  ...(designation === undefined ? {} : { designation: [{ value: designation }] }),
  property: [{ code: 'billable', valueBoolean: billable }],
});
const codeSystem = (id: string, url: string, concepts: object[]) => ({
  resourceType: 'CodeSystem',
  id,
  url,
  status: 'active',
  content: 'complete',
  property: [{ code: 'billable', type: 'boolean' }],
  concept: concepts,
});

let server: TestServer;
const asked: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const systems = [
    codeSystem('icd', ICD, [
      concept('A00', 'Cholera', false),
      concept('A00.0', 'Cholera due to Vibrio cholerae 01, biovar cholerae', true, 'Classical cholera'),
      concept('Z99.8', 'Odd disease', true),
      concept('Z99.9', 'Odd disease', true),
    ]),
    codeSystem('rxnorm', RXNORM, [
      concept('9000001', 'exampline', true),
      concept('9000003', 'exampline 5 MG Oral Tablet', true),
    ]),
  ];
  for (const body of systems) {
    const answer = await server.fhir('PUT', `CodeSystem/${body.id}`, { body });
    expect(answer.status).toBeLessThan(300);
  }
}, 60_000);

afterAll(() => server.close());

const provider = terminologyCodeProvider(async (parameters: Parameters) => {
  const set = parameters.parameter?.[0]?.resource as ValueSet;
  asked.push(set.compose?.include?.[0]?.system ?? '');
  const answer = await server.fhir('POST', 'ValueSet/$expand', { body: parameters });
  return answer.ok ? ((await answer.json()) as ValueSet) : undefined;
});

test('Only a term that names exactly one concept gets its code; what has codes or is denied is not asked about.', async () => {
  const known = [{ system: ICD, code: 'I10', display: 'hypertension' }];
  const entities = [
    entity('classical  Cholera'),
    entity('cholera'),
    entity('odd disease'),
    entity('Exampline', { category: 'MEDICATION' }),
    entity('hypertension', { concepts: known }),
    entity('classical cholera', { traits: [{ name: 'NEGATION' }] }),
  ];
  const { output } = await provider.run({ entities }, new AbortController().signal);
  expect(output.map(({ text, concepts }) => [text, concepts.map(({ code }) => code)])).toEqual([
    ['classical  Cholera', ['A00.0']],
    ['cholera', []],
    ['odd disease', []],
    ['Exampline', ['9000001']],
    ['hypertension', ['I10']],
    ['classical cholera', []],
  ]);
  // SNOMED CT is not there: it is asked once.
  expect(asked.toSorted()).toEqual([ICD, ICD, ICD, RXNORM, 'http://snomed.info/sct'].toSorted());
});

test('It is the clinic’s own, and takes every input.', () => {
  expect([provider.party, provider.refusal({ entities: [] })]).toEqual(['clinic', undefined]);
});
