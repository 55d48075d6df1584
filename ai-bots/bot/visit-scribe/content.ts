/** The bytes behind an attachment: inline, or a Binary of the same server. */
import type { Attachment } from '@medplum/fhirtypes';
import type { Recording } from '../../provider/transcribe/index.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { PermanentFault } from './permanent-fault.ts';

export async function loadContent(
  api: FhirApi,
  attachment: Attachment,
  sizeMaxBytes: number,
): Promise<Recording> {
  const declared = mediaType(attachment.contentType);
  if (attachment.data !== undefined) {
    const data = Buffer.from(attachment.data, 'base64');
    if (data.length > sizeMaxBytes)
      throw new PermanentFault(`the recording is larger than ${sizeMaxBytes} bytes`);
    return { contentType: declared, data };
  }
  if (attachment.url === undefined) throw new PermanentFault('the recording has neither data nor a url');
  const { contentType, data } = await api.download(attachment.url, sizeMaxBytes);
  return { contentType: declared === '' ? contentType : declared, data };
}

const mediaType = (contentType: string | undefined): string =>
  (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
