/** The one place where stored content becomes a line of a file. https://hl7.org/fhir/uv/bulkdata/STU2/export.html#file-request */
import { disclose, type Request, shaper } from '../interaction/index.ts';
import type { StoredVersion } from '../storage/index.ts';
import type { ExportRequest } from './export-job.ts';

/** Stored JSON has no white space, and within a string a quotation mark is escaped: this finds an element only. */
const BINARY_URL = '"url":"Binary/';

/** What the requester gets to see of a version that he may read: a line without its end. */
export function lineOf(
  request: Request,
  resourceType: string,
  { content }: Pick<StoredVersion, 'content'>,
  { elements }: Pick<ExportRequest, 'elements'>,
): string {
  const wanted = [...(elements['*'] ?? []), ...(elements[resourceType] ?? [])];
  const shape = wanted.length === 0 ? undefined : shaper({ summary: 'false', elements: wanted });
  const disclosed = disclose(request, resourceType, content);
  const shaped = shape ? shape(disclosed) : disclosed;
  // The standard wants the URL of an Attachment absolute.
  return shaped.includes(BINARY_URL)
    ? shaped.replaceAll(BINARY_URL, `"url":"${request.server.config.fhirBase}/Binary/`)
    : shaped;
}

/** Tells that a resource is gone. */
export const deletionLine = (resourceType: string, id: string): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ request: { method: 'DELETE', url: `${resourceType}/${id}` } }],
  });
