/** The answer to a request that is not taken on: 503 with Retry-After, prepared once. https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { issue } from '../fhir/outcome.ts';
import { serializeXml } from '../fhir/xml/index.ts';
import { FHIR_JSON, FHIR_XML } from './negotiate.ts';

const TEXT = 'The server has more to do than it can at this moment; try again';

interface Prepared {
  readonly body: Buffer;
  readonly headers: readonly string[];
}

export function createOverloadAnswer(
  retryAfterSeconds: number,
): (request: IncomingMessage, response: ServerResponse) => void {
  const said = { resourceType: 'OperationOutcome', issue: [issue('throttled', TEXT)] };
  const json = prepare(FHIR_JSON, JSON.stringify(said));
  const xml = prepare(FHIR_XML, serializeXml(said, false));
  // https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
  const oauth = prepare('application/json', JSON.stringify({ error: 'temporarily_unavailable', error_description: TEXT })); // prettier-ignore
  return (request, response) => {
    const { url = '/' } = request;
    const wantsXml = request.headers.accept?.includes('xml') === true || /[?&]_format=[^&]*xml/.test(url);
    const { body, headers } = url.startsWith('/oauth2') ? oauth : wantsXml ? xml : json;
    // All at once would come back all at once.
    const seconds = 1 + Math.floor(Math.random() * retryAfterSeconds);
    response.writeHead(503, [...headers, 'Retry-After', String(seconds)]);
    response.end(body);
  };
}

function prepare(contentType: string, text: string): Prepared {
  const body = Buffer.from(text);
  const headers = {
    'Content-Type': `${contentType}; charset=utf-8`,
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // A browser app is told what this is, whichever origin it comes from; nothing in it is anyone's.
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'Retry-After',
  };
  return { body, headers: Object.entries(headers).flat() };
}
