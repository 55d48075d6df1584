/**
 * Every refusal of the server is a FhirError: a stable HTTP status and an OperationOutcome that is safe for the client.
 * https://hl7.org/fhir/R4/http.html#Status-Codes and https://hl7.org/fhir/R4/operationoutcome.html
 */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

export type IssueCode = OperationOutcomeIssue['code'];

/** How a refusal is sent where the standard has another form for it; the outcome is a part of the text. */
export interface Formed {
  readonly contentType: string;
  readonly text: string;
}

export class FhirError extends Error {
  readonly status: number;
  readonly outcome: OperationOutcome;
  readonly headers: Readonly<Record<string, string>>;
  readonly formed: Formed | undefined;

  constructor(
    status: number,
    issues: readonly OperationOutcomeIssue[],
    headers: Record<string, string> = {},
    formed?: Formed,
  ) {
    super(issues.map((i) => i.diagnostics ?? i.details?.text ?? i.code).join('; '));
    this.name = 'FhirError';
    this.status = status;
    this.outcome = { resourceType: 'OperationOutcome', issue: [...issues] };
    this.headers = headers;
    this.formed = formed;
  }
}

/** One issue; `expression` is the FHIRPath of the faulty element, or `http.<header>` / the parameter's name. */
export function issue(
  code: IssueCode,
  diagnostics: string,
  expression?: string,
  severity: OperationOutcomeIssue['severity'] = 'error',
): OperationOutcomeIssue {
  return { severity, code, diagnostics, ...(expression === undefined ? {} : { expression: [expression] }) };
}

const refusal =
  (status: number, code: IssueCode) =>
  (diagnostics: string, expression?: string, headers?: Record<string, string>): FhirError =>
    new FhirError(status, [issue(code, diagnostics, expression)], headers);

export const badRequest = refusal(400, 'invalid');
export const notSupported = refusal(400, 'not-supported');
export const forbidden = refusal(403, 'forbidden');
export const notFound = refusal(404, 'not-found');
/** RFC 9110 section 15.5.6: with the methods that are there. */
export const methodNotAllowed = (diagnostics: string, allowed: readonly string[]): FhirError =>
  new FhirError(405, [issue('not-supported', diagnostics)], {
    Allow: allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', '),
  });
export const notAcceptable = refusal(406, 'not-supported');
export const conflict = refusal(409, 'conflict');
export const gone = refusal(410, 'deleted');
export const preconditionFailed = refusal(412, 'conflict');
export const multipleMatches = refusal(412, 'multiple-matches');
export const tooLarge = refusal(413, 'too-long');
export const unsupportedMediaType = refusal(415, 'not-supported');
export const tooCostly = refusal(503, 'too-costly');

export const tooManyRequests = (diagnostics: string, retryAfterSeconds: number): FhirError =>
  new FhirError(429, [issue('throttled', diagnostics)], { 'Retry-After': String(retryAfterSeconds) });

/** 401 with the challenge that RFC 6750 section 3 asks for. */
export function unauthorized(diagnostics: string, challenge = 'Bearer'): FhirError {
  return new FhirError(401, [issue('login', diagnostics)], { 'WWW-Authenticate': challenge });
}
