/** delete. Repeating it changes nothing. https://hl7.org/fhir/R4/http.html#delete */
import { etag, type Answer } from './answer.ts';
import { commitWrite } from './commit-write.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';

export async function deleteResource(
  request: Request,
  resourceType: string,
  id: string,
  ifMatch: string | undefined,
): Promise<Answer> {
  permit(request, 'delete', resourceType);
  const { version } = await commitWrite(request, { interaction: 'delete', resourceType, id, ifMatch });
  return { status: 204, headers: { ETag: etag(version.versionId) } };
}
