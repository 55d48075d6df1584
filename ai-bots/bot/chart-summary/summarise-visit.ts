/** One visit from its chart to the summary that is stored. */
import { createHash } from 'node:crypto';
import type { Practitioner, RelatedPerson } from '@medplum/fhirtypes';
import {
  NoProviderError,
  identifiersOf,
  type Answer,
  type Call,
  type ProviderName,
} from '../../orchestrator/index.ts';
import type { Pipeline } from '../../pipeline/index.ts';
import type { SummariseInput, Summary } from '../../provider/stages.ts';
import { derivedId, PermanentFault, type FhirApi } from '../../sdk/index.ts';
import { loadChart, type Chart } from './chart.ts';
import type { Summarised } from './document.ts';
import { loadPeople } from './people.ts';
import { sectionsOf } from './sections.ts';
import type { Visit } from './visit.ts';
import { loadEarlier, writeSummary } from './write-summary.ts';

export interface Work extends Pick<Call, 'signal' | 'onRun'> {
  readonly fhir: FhirApi;
  readonly pipeline: Pick<Pipeline, 'summarise'>;
  readonly now: () => Date;
  readonly id: (role: string, key: string) => string;
}

export type Result = 'written' | 'replaced' | 'unchanged' | 'kept';

/** Asks for a summary only when the chart says something else than before. Throws PermanentFault or HttpFailure. */
export async function summariseVisit(work: Work, visit: Visit): Promise<Result> {
  const { fhir, now, id } = work;
  const chart = await loadChart(fhir, visit.patient);
  if (chart === undefined) throw new PermanentFault('The patient of the visit does not exist.');
  const input = inputOf(chart, visit);
  const hash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  const ids = {
    composition: id('composition', visit.key),
    document: id('document', visit.key),
    provenance: id('provenance', visit.key),
  };
  const earlier = await loadEarlier(fhir, ids, hash, visit.hasBegun);
  if (earlier.state === 'unchanged' || earlier.state === 'kept') return earlier.state;
  const answer = await ask(work, chart, await loadPeople(fhir, visit), input);
  const provider = nameOf(answer.provider);
  const summary: Summarised = {
    visit,
    sections: sectionsOf(answer.output, new Set(chart.facts.map((fact) => fact.category))),
    facts: chart.facts,
    provider,
    remarks: answer.passedOver
      .filter((p) => p.kind !== 'refused')
      .map((p) => `${p.provider} did not answer: ${p.reason}.`),
    hash,
  };
  const names = { ...ids, device: derivedId('chart-summary', 'device', provider) };
  await writeSummary(fhir, summary, names, earlier, now().toISOString());
  return earlier.state === 'none' ? 'written' : 'replaced';
}

function inputOf({ patient: { gender, birthDate }, facts }: Chart, { reason }: Visit): SummariseInput {
  return {
    facts: facts.map(({ version: _version, ...fact }) => fact),
    patient: {
      ...(gender === undefined ? {} : { gender }),
      ...(birthDate === undefined ? {} : { birthDate }),
    },
    ...(reason === undefined ? {} : { reason }),
  };
}

async function ask(
  { pipeline, signal, onRun }: Work,
  { patient }: Chart,
  others: readonly (Practitioner | RelatedPerson)[] | undefined,
  input: SummariseInput,
): Promise<Answer<Summary>> {
  const call: Call = { signal, ...(onRun === undefined ? {} : { onRun }) };
  try {
    if (others === undefined) return await pipeline.summarise.run(input, call);
    const identifiers = identifiersOf([patient, ...others]);
    return await pipeline.summarise.run(input, { ...call, identifiers });
  } catch (error) {
    if (error instanceof NoProviderError)
      throw new PermanentFault(`The chart was not summarised: ${error.message}.`);
    throw error;
  }
}

const nameOf = ({ name, version, model, remark }: ProviderName): string =>
  [name, version, model, remark === undefined ? undefined : `(${remark})`]
    .filter((part) => part !== undefined)
    .join(' ');
