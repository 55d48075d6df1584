/** What cannot be read as HTTP is answered as everything else is: with an OperationOutcome. https://nodejs.org/api/http.html#event-clienterror */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { issue, type IssueCode } from '../fhir/outcome.ts';

type Told = readonly [status: number, code: IssueCode, text: string];

const TOLD: Readonly<Record<string, Told>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'too-long',
    'The URL and the headers are too long; POST long searches to _search',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too-long', 'The chunk extensions are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'timeout', 'The request did not come to its end in time'],
};

const OTHER: Told = [400, 'invalid', 'This is no HTTP request'];

/** Answers and closes: what follows on the connection cannot be told from what was wrong. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const [status, code, text] = TOLD[error.code ?? ''] ?? OTHER;
  const body = JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue(code, text, 'http')] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/fhir+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
