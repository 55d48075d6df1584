/** An attachment's content, and files for the patient to keep. */
import type { Attachment } from '@medplum/fhirtypes';
import { ApiError, call } from '@dr-assistant/ui/session';

/** From the resource itself, or from this server. Throws ApiError when it cannot be had, TypeError for another server. */
export async function loadContent({
  data,
  url,
  contentType = 'application/octet-stream',
}: Attachment): Promise<Blob> {
  if (data !== undefined) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    return new Blob([bytes], { type: contentType });
  }
  if (url === undefined) throw new ApiError(404, '');
  const response = await call(url, { headers: { Accept: contentType } });
  return new Blob([await response.arrayBuffer()], { type: contentType });
}

/** Hands the browser a file to download. */
export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The download has its own hold of the content once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
