/** What an answer must be, whatever was sent. https://hl7.org/fhir/R4/http.html#Status-Codes */
import type { OperationOutcome } from '@medplum/fhirtypes';
import type { FuzzRequest } from './make-request.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
  readonly ms: number;
}

/** Nothing that small takes so long. */
const SLOW_MS = 10_000;

/** What is wrong with the answer; undefined when it is one that a server may give. */
export function judge(
  { method, path }: FuzzRequest,
  { status, text, type, ms }: FuzzAnswer,
): string | undefined {
  if (ms > SLOW_MS) return `took ${Math.round(ms)} ms`;
  if (status < 300 || status === 304) return undefined;
  if (status >= 500 && status !== 503) return `answered ${status}`;
  if (method === 'HEAD') return undefined;
  if (type.includes('xml')) return text.includes('<OperationOutcome') ? undefined : `${status} without an outcome`; // prettier-ignore
  // https://hl7.org/fhir/R4/graphql.html: errors are those of GraphQL, and each has its outcome within.
  const answer = parse(text);
  const outcome = path.includes('$graphql') ? outcomeWithin(answer) : answer;
  if (outcome?.resourceType !== 'OperationOutcome') return `${status} without an outcome`;
  const faulty = outcome.issue.find(({ severity, code, diagnostics, details }) => !severity || !code || !(diagnostics ?? details?.text)); // prettier-ignore
  if (faulty !== undefined) return `${status} with an issue that says nothing`;
  if (outcome.issue.some(({ code }) => code === 'exception')) return `${status} for a fault of the server`;
  return undefined;
}

interface GraphqlAnswer {
  readonly errors?: readonly { readonly extensions?: { readonly resource?: OperationOutcome } }[];
}

/** A refusal before the query is read is an outcome itself. */
const outcomeWithin = (answer: OperationOutcome | undefined): OperationOutcome | undefined =>
  answer?.resourceType === 'OperationOutcome'
    ? answer
    : (answer as GraphqlAnswer | undefined)?.errors?.[0]?.extensions?.resource;

function parse(text: string): OperationOutcome | undefined {
  try {
    return JSON.parse(text) as OperationOutcome;
  } catch {
    return undefined;
  }
}
