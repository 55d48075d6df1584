/** delete. Repeating it changes nothing. https://hl7.org/fhir/R4/http.html#delete */
import { etag, type Answer } from './answer.ts';
import { commitWrites } from './commit-writes.ts';
import { permit } from './permit.ts';
import type { Request } from './server.ts';
import { inWriteTransaction } from './write-transaction.ts';

export async function deleteResource(
  request: Request,
  resourceType: string,
  id: string,
  ifMatch: string | undefined,
): Promise<Answer> {
  permit(request, 'delete', resourceType);
  return inWriteTransaction(request, [resourceType], async (client) => {
    const [done] = await commitWrites(request, client, [
      { interaction: 'delete', resourceType, id, ifMatch },
    ]);
    return { status: 204, headers: { ETag: etag(done!.version.versionId) } };
  });
}
