/** What the server refused, in its own words (http://hl7.org/fhir/R4/operationoutcome.html). */

interface Issue {
  readonly severity?: string;
  readonly diagnostics?: string;
  readonly details?: { readonly text?: string };
  readonly expression?: readonly string[];
}

/** One thing that the server says of what it was sent. */
export interface ApiIssue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly text: string;
  /** Where: `Patient.birthDate`. */
  readonly places: readonly string[];
}

/** An answer that is no success, or one that an app cannot use, which it then names with a code of its own. */
export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** By which `FaultAlert` finds the app's words for it. */
  readonly code: string | undefined;
  readonly issues: readonly ApiIssue[];
  constructor(status: number, text: string, code?: string, issues: readonly ApiIssue[] = []) {
    super(text);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.issues = issues;
  }
}

/** A failure as plain data, which a store can keep. */
export interface ApiFault {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** In the server's words; empty when it said nothing. */
  readonly text: string;
  /** Of the app that threw it. */
  readonly code?: string;
  /** Of an OperationOutcome, each with its places. */
  readonly issues?: readonly ApiIssue[];
}

const issueText = ({ diagnostics, details, expression }: Issue): string => {
  const words = diagnostics ?? details?.text ?? '';
  // The place is told unless the words name it already.
  const places = (expression ?? []).filter((place) => !words.includes(place));
  return places.length === 0 ? words : `${words} (${places.join(', ')})`.trim();
};

/** The words of an OperationOutcome or of an OAuth error; empty when there are none. */
export function faultText(answer: unknown): string {
  const { issue, error_description: description } = (answer ?? {}) as {
    issue?: readonly Issue[];
    error_description?: string;
  };
  const serious = issue?.filter((i) => i.severity !== 'information' && i.severity !== 'success');
  const words = serious?.map(issueText).filter((text) => text !== '') ?? [];
  return words.length > 0 ? words.join(' ') : (description ?? '');
}

const severityOf = (severity: string | undefined): ApiIssue['severity'] =>
  severity === 'warning' || severity === 'information' ? severity : 'error';

/** The issues of an OperationOutcome; none of anything else. */
export function issuesOf(answer: unknown): ApiIssue[] {
  const { issue = [] } = (answer ?? {}) as { issue?: readonly Issue[] };
  return issue.map(({ severity, diagnostics, details, expression = [] }) => ({
    severity: severityOf(severity),
    text: diagnostics ?? details?.text ?? '',
    places: expression,
  }));
}

/** Anything thrown, as a fault. */
export function faultOf(error: unknown): ApiFault {
  if (error instanceof ApiError) {
    const { status, message: text, code, issues } = error;
    return {
      status,
      text,
      ...(code === undefined ? {} : { code }),
      ...(issues.length === 0 ? {} : { issues }),
    };
  }
  return { status: 0, text: error instanceof Error ? error.message : '' };
}
