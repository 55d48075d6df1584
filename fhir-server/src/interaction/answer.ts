/** What an interaction answers, the same for an HTTP request and for an entry of a bundle. */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Config } from '../platform/config.ts';
import { disclose } from './disclose.ts';
import type { Request } from './server.ts';
import type { StoredVersion } from '../storage/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text of one resource. */
  readonly body?: string;
  /** Of a body that is no resource, and is sent as it is. */
  readonly contentType?: string;
}

/** https://hl7.org/fhir/R4/http.html#ops */
export type ReturnPreference = 'minimal' | 'representation' | 'OperationOutcome';

export const etag = (versionId: number): string => `W/"${versionId}"`;

/** ETag and Last-Modified of a version. */
export const versionHeaders = (version: StoredVersion): Record<string, string> => ({
  ETag: etag(version.versionId),
  'Last-Modified': new Date(version.lastUpdated).toUTCString(),
});

export const versionUrl = (config: Config, resourceType: string, version: StoredVersion): string =>
  `${config.fhirBase}/${resourceType}/${version.id}/_history/${version.versionId}`;

/** The answer to a write: Location on creation, and a body as the client prefers. */
export function writtenAnswer(
  request: Pick<Request, 'server' | 'principal'>,
  resourceType: string,
  version: StoredVersion,
  status: 200 | 201,
  preference: ReturnPreference,
  /** What the writer should know besides; for who prefers an OperationOutcome. */
  advice: readonly OperationOutcomeIssue[] = [],
): Answer {
  const headers: Record<string, string> = {
    ...versionHeaders(version),
    Location: versionUrl(request.server.config, resourceType, version),
  };
  if (preference === 'minimal') return { status, headers };
  if (preference === 'representation') {
    const body = disclose(request, resourceType, version.content);
    return { status, headers, body };
  }
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'information',
        code: 'informational',
        diagnostics: `${resourceType}/${version.id} is at version ${version.versionId}`,
      },
      ...advice,
    ],
  };
  return { status, headers, body: JSON.stringify(outcome) };
}
