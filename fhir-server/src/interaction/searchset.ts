/** A searchset Bundle, put together as text, so that stored JSON is passed on as it is. https://hl7.org/fhir/R4/bundle.html#searchset */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { disclose } from './disclose.ts';
import type { Request } from './server.ts';

export interface Entry {
  readonly resourceType: string;
  readonly id: string;
  /** JSON text. */
  readonly content: string;
  readonly mode: 'match' | 'include';
  /** From 0 to 1. */
  readonly score?: number;
}

export interface Link {
  readonly relation: 'self' | 'first' | 'next' | 'previous';
  readonly url: string;
}

export interface Searchset {
  readonly links: readonly Link[];
  readonly total?: number | undefined;
  readonly entries: readonly Entry[];
  /** What was ignored, or left out. */
  readonly issues: readonly OperationOutcomeIssue[];
}

const SCORE_DIGITS = 6;

/** Its entries go to the caller, which the audit hears. */
export function searchsetText(
  request: Pick<Request, 'server' | 'principal' | 'trail'>,
  { links, total, entries, issues }: Searchset,
): string {
  const { server, trail } = request;
  const { fhirBase } = server.config;
  let text = '{"resourceType":"Bundle","type":"searchset"';
  if (total !== undefined) text += `,"total":${total}`;
  if (links.length > 0) text += `,"link":${JSON.stringify(links)}`;
  let separator = ',"entry":[';
  for (const { resourceType, id, content, mode, score } of entries) {
    trail?.disclosed.push(`${resourceType}/${id}`);
    const ranked = score === undefined ? '' : `,"score":${score.toFixed(SCORE_DIGITS)}`;
    text += `${separator}{"fullUrl":"${fhirBase}/${resourceType}/${id}","resource":${disclose(request, resourceType, content)},"search":{"mode":"${mode}"${ranked}}}`;
    separator = ',';
  }
  if (issues.length > 0) {
    text += separator + outcomeEntry(issues);
    separator = ',';
  }
  return separator === ',' ? `${text}]}` : `${text}}`;
}

const outcomeEntry = (issue: readonly OperationOutcomeIssue[]): string =>
  JSON.stringify({ resource: { resourceType: 'OperationOutcome', issue }, search: { mode: 'outcome' } });
