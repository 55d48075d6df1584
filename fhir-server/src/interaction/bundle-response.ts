/** Answers of entries as a response Bundle, put together as text. https://hl7.org/fhir/R4/bundle.html#transaction-response */
import { STATUS_CODES } from 'node:http';
import type { FhirError } from '../fhir/outcome.ts';
import type { Answer, ReturnPreference } from './answer.ts';

/** JSON of one `entry`. Who prefers an outcome to the resource finds it in `response`. */
export function entryAnswer(answer: Answer, preference: ReturnPreference = 'representation'): string {
  const { ETag, Location } = answer.headers;
  const modified = answer.headers['Last-Modified'];
  const response = {
    status: `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim(),
    ...(Location === undefined ? {} : { location: Location }),
    ...(ETag === undefined ? {} : { etag: ETag }),
    ...(modified === undefined ? {} : { lastModified: new Date(modified).toISOString() }),
  };
  const body = answer.body === undefined ? undefined : asResource(answer.body, answer.contentType);
  if (body === undefined) return `{"response":${JSON.stringify(response)}}`;
  return preference === 'OperationOutcome'
    ? `{"response":${JSON.stringify(response).slice(0, -1)},"outcome":${body}}}`
    : `{"resource":${body},"response":${JSON.stringify(response)}}`;
}

/** What is no resource is the content of a Binary. */
function asResource(body: string, contentType: string | undefined): string {
  if (contentType === undefined) return body;
  const data = Buffer.from(body).toString('base64');
  return JSON.stringify({ resourceType: 'Binary', contentType, data });
}

export function failedEntry(error: FhirError): string {
  const status = `${error.status} ${STATUS_CODES[error.status] ?? ''}`.trim();
  return JSON.stringify({ response: { status, outcome: error.outcome } });
}

export function responseBundle(
  type: 'batch-response' | 'transaction-response',
  entries: readonly string[],
): Answer {
  const entry = entries.length === 0 ? '' : `,"entry":[${entries.join(',')}]`;
  return { status: 200, headers: {}, body: `{"resourceType":"Bundle","type":"${type}"${entry}}` };
}
