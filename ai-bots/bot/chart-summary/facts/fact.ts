/** What the chart says, with the version of the resource that says it, and what facts of all kinds have in common. */
import type { CodeableConcept, Meta, Resource } from '@medplum/fhirtypes';
import type { ChartFact } from '../../../provider/stages.ts';

export interface Fact extends ChartFact {
  /** `Condition/1/_history/2` */
  readonly version: string;
}

export function fact(
  resource: Resource,
  category: ChartFact['category'],
  text: string,
  date: string | undefined,
): Fact {
  const reference = `${resource.resourceType}/${resource.id ?? ''}`;
  return {
    reference,
    version: `${reference}/_history/${resource.meta?.versionId ?? ''}`,
    category,
    text: oneLine(text),
    ...(date === undefined ? {} : { date }),
  };
}

const TEXT_MAX = 300;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, TEXT_MAX);

/** The words of a concept: its text, else the display of a code, else the code. Undefined when it says nothing. */
export function wordsOf(concept: CodeableConcept | undefined): string | undefined {
  const coding = concept?.coding ?? [];
  const words = concept?.text ?? coding.find((c) => c.display !== undefined)?.display ?? coding[0]?.code;
  return words === undefined || words.trim() === '' ? undefined : words;
}

export const hasCode = (concept: CodeableConcept | undefined, ...codes: readonly string[]): boolean =>
  (concept?.coding ?? []).some((c) => codes.includes(c.code ?? ''));

/** What software proposed and nobody has looked at yet is no fact of the chart: it is still in its first version. */
export function isUnreviewed(meta: Meta | undefined): boolean {
  const byMachine = (meta?.security ?? []).some((s) => ['AIAST', 'DICTAST'].includes(s.code ?? ''));
  return byMachine && meta?.versionId === '1';
}
