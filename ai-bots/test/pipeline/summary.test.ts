/** A summary of a chart: the embedded one lists it, and of any other only what the facts say is kept. */
import { expect, test } from '@jest/globals';
import type { ChartFact, SummariseProvider, Summary } from '../../provider/stages.ts';
import { testPipeline } from '../support/pipeline.ts';

const facts: readonly ChartFact[] = [
  { reference: 'Condition/1', category: 'problem', text: 'Type 2 diabetes', date: '2019-03-01' },
  { reference: 'MedicationStatement/1', category: 'medication', text: 'Metformin 500 mg twice daily' },
  { reference: 'Observation/1', category: 'result', text: 'Hemoglobin A1c 7.4 %', date: '2026-01-02' },
  { reference: 'Observation/2', category: 'result', text: 'Hemoglobin A1c 8.1 %', date: '2025-01-02' },
];
const input = { facts, patient: {}, reason: 'Follow-up' };
const call = { signal: new AbortController().signal, identifiers: [] };

test('The embedded provider lists the facts by kind, the newest first, each with its resource.', async () => {
  const { output, provider } = await testPipeline({}).summarise.run(input, call);
  expect(provider.party).toBe('here');
  expect(output.sections.map((s) => [s.title, s.sentences.map((x) => x.source.join())])).toEqual([
    ['Problems', ['Condition/1']],
    ['Medications', ['MedicationStatement/1']],
    ['Results', ['Observation/1', 'Observation/2']],
  ]);
});

test('Of another provider only sentences are kept whose facts say them.', async () => {
  const sentence = (text: string, ...source: string[]) => ({ text, source });
  const sentences = [
    sentence('Type 2 diabetes since 2019, on metformin 500 mg.', 'Condition/1', 'MedicationStatement/1'),
    sentence('A1c fell from 8.1 % to 7.4 %.', 'Observation/1', 'Observation/2'),
    sentence('On metformin 850 mg.', 'MedicationStatement/1'),
    sentence('On insulin.', 'MedicationStatement/1'),
    sentence('Has hypertension.', 'Condition/1'),
    sentence('Type 2 diabetes.', 'Condition/9'),
    sentence('Type 2 diabetes.'),
  ];
  const output: Summary = { sections: [{ title: 'Today', sentences }] };
  const cloud: SummariseProvider = {
    name: 'Cloud',
    version: '1',
    party: 'third-party',
    refusal: () => undefined,
    run: () => Promise.resolve({ output }),
  };
  const pipeline = testPipeline(
    { AI_SUMMARISE_PROVIDERS: 'cloud' },
    { summarise: new Map([['cloud', cloud]]) },
  );
  const answer = await pipeline.summarise.run(input, call);
  expect(answer.output).toEqual({ sections: [{ title: 'Today', sentences: sentences.slice(0, 2) }] });
  expect(await pipeline.registry.metrics()).toContain(
    'ai_unsupported_total{stage="summarise",provider="cloud",action="dropped"} 5',
  );
});
